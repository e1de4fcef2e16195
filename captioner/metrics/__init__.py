"""Caption metrics as coco-caption computes them, in NumPy."""
