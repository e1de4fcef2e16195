"""Data sets of every layout that captioning users have on disk, each as splits, captions and rows of features."""
