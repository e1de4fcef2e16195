"""Readers of caption files, one module per layout."""
