"""Hooks for schemathesis: how to send bodies of media types that it does not know."""

import schemathesis
from schemathesis.transport.serialization import serialize_binary


@schemathesis.serializer("application/x-npy", "image/bmp")
def as_bytes(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Send bytes unchanged, and any other value as text."""
    return serialize_binary(value)
