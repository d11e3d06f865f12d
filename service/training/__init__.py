"""Training: the trainer process, which starts a worker process for each job, and the workers."""
