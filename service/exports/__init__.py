"""Exports: checkpoints in the formats of other libraries, each written by a subprocess."""
