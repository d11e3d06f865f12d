"""The values and rules of the service, which every other package shares."""
