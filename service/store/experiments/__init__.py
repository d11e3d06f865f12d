"""Experiments in the database: their designs, their jobs, and what the jobs have come to."""
