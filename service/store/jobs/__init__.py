"""Rows of jobs: the queue, claims, workers' writes, events, history."""
