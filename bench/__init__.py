"""Measures what this project claims, on whatever machine it runs, and writes it into docs/benchmarks.md."""
