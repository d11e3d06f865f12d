"""Choices by name: activations, initializers, optimizers and schedules, all of them data; and seeds."""
