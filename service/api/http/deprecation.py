"""Marks the answers of deprecated routes (RFC 9745), for programs that look after the APIs that they use."""

from datetime import datetime

from fastapi import Response


def mark_deprecated(response: Response, *, since: datetime, successor: str) -> None:
    """Add the headers that say since when a route is deprecated, and which path replaces it."""
    response.headers["Deprecation"] = f"@{since.timestamp():.0f}"
    response.headers.append("Link", f'<{successor}>; rel="successor-version"')
