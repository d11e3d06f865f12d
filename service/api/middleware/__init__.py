"""ASGI middleware around all routes; ``stack`` puts it in order."""
