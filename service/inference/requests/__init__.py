"""Reads the body of a prediction request: files, JSON, NumPy arrays, tensors."""
