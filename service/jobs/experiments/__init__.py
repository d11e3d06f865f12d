"""Experiments, for the API and the command line: resolved, queued, cancelled, removed, and answered."""
