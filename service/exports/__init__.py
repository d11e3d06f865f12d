"""Writes checkpoints in the formats of other libraries, in a subprocess."""
