"""The limits of one prediction request, defined once for all readers of input."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class InputLimits:
    """How much one prediction request may cost.

    Attributes:
        max_pixels: Width times height of one image, by its header, checked before decoding.
        max_request_pixels: The same, for all images of one request together.
        max_decoded_bytes: Memory that decoding one image may take. Formats differ: a WebP takes 16 bytes
            a pixel, a PNG at most 4, so a WebP can be refused although it is within *max_pixels*.
        max_image_bytes: Size of one encoded image; its base64 text may have four thirds of that.
        max_json_bytes: Size of a JSON body: enough for one image as base64, or for all instances as fractions.
        max_instances: Images or pixel arrays in one request.
    """

    max_pixels: int = 16_000_000
    max_request_pixels: int = 64_000_000
    max_decoded_bytes: int = 80_000_000
    max_image_bytes: int = 20_000_000
    max_json_bytes: int = 32_000_000
    max_instances: int = 1024
