"""Distillation: a small encoder learns from a large one what to see in photographs, without any labels."""
