"""The application layer for jobs: what the API, the command line and the workers do with them in common."""
