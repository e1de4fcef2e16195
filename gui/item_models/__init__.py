"""Qt models over view-models, for Qt views."""
