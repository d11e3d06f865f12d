"""The choices that have names: activations, initializers, optimizers and schedules, as data."""
