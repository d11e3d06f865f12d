"""Writes the weight list of a network as an npz file."""

import naivenet

write = naivenet.to_npz
