"""What schemathesis is told beside the document: how to send bodies of the media types that it does not know."""

import schemathesis
from schemathesis.transport.serialization import serialize_binary


@schemathesis.serializer("application/x-npy", "image/bmp")
def as_bytes(_: schemathesis.SerializationContext, value: object) -> bytes:
    """Bytes as they are, and all else as it is spelled."""
    return serialize_binary(value)
