"""Parts of HTTP that any API has: bodies, queries, content negotiation, conditional requests, problems, OpenAPI."""
