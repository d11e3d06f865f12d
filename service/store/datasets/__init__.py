"""The rows of datasets, their versions and their samples."""
