"""Captions, features and batches: everything that training and evaluation read from disk."""
