"""The rows of jobs: their queue, history, event log, claims and requests."""
