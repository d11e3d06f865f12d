"""The rows of checkpoints and models."""
