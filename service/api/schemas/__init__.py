"""The JSON of requests and responses, one file a resource. Docstrings become descriptions in the OpenAPI document."""
