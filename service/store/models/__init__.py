"""Rows of models and of checkpoints."""
