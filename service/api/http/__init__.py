"""HTTP itself: problem+json, request bodies, content negotiation, conditional requests, query parameters."""
