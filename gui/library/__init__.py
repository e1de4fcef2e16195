"""The Models page: cards, their texts, and two models side by side."""
