"""The window: it shows what the worker says, never imports torch, and never decodes a file that it was given."""
