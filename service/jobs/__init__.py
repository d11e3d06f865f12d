"""The application layer for jobs, shared by the API and the command line."""
