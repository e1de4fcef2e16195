"""The truth behind the pages, in plain Python: testable without a window."""
