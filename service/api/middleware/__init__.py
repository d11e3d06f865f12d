"""ASGI middleware around all routes: hosts, headers, deadlines, logs, metrics, traces, slow clients."""
