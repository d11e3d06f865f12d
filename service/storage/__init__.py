"""Checkpoint bytes: a folder or an object store, weights, and snapshots of live weights."""
