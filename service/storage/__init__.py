"""Stored bytes: blobs, weight lists, and snapshots of running jobs."""
