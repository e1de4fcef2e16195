"""The process between a window and the engine: it reads untrusted files and runs the network; no window ever does."""
