"""Answering: pictures and numbers in, what the network reads in them out. No HTTP, no TensorFlow."""
