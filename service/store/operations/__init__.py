"""Rows for operators: counters, keys, trainers, dumps."""
