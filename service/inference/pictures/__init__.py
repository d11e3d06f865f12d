"""Turns an image file into the 28x28 pixels that the network reads."""
