"""Pictures of captions: where the network looked, word by word."""
