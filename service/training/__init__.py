"""Training: a trainer that hands queued jobs to workers, each a process of its own."""
