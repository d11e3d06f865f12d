"""The worker process: trains one job."""
