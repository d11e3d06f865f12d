"""Imports: weights in the formats of other libraries, each read by a subprocess, as a parser may crash."""
