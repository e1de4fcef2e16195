"""The Caption page: the collection, the photograph under its overlay, and the words."""
