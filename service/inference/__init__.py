"""Inference, from the bytes of a request to predictions: read the request, prepare the images, run the network.

This package knows no HTTP and imports no TensorFlow.
"""
