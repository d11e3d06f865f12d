"""The values and rules of the service: configuration, job, history, checkpoint, model."""
