"""Measures what this project claims, on whatever machine it runs; writes docs/explanation/benchmarks.md."""
