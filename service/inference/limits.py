"""What one request may cost is said here once, so that no reader of input makes up a number of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class InputLimits:
    """How much a caller may ask of one prediction request.

    Attributes:
        max_pixels: Width times height of one picture, as its header says, before anything is decoded.
        max_request_pixels: The same, over all pictures of one request.
        max_decoded_bytes: Memory that opening one picture may take. Formats differ: a WebP costs 16 bytes
            a pixel, a PNG at most 4, so a WebP may be smaller than *max_pixels* and still be refused.
        max_image_bytes: Length of one picture as encoded, that of a base64 text being four thirds of it.
        max_json_bytes: Length of a JSON body: that of one picture as base64, or of all instances as fractions.
        max_instances: Pictures or pixel arrays in one request.
    """

    max_pixels: int = 16_000_000
    max_request_pixels: int = 64_000_000
    max_decoded_bytes: int = 80_000_000
    max_image_bytes: int = 20_000_000
    max_json_bytes: int = 32_000_000
    max_instances: int = 1024
