"""Access control: API keys, scopes, rate limits, and the gate that checks them before each route."""
