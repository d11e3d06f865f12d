"""Names the image formats that people send and that are not read, by their first bytes, with what to do instead."""

from collections.abc import Callable
from dataclasses import dataclass

from service.errors import FieldError, InvalidImage

#: Where the brand of an ISO media file is, and how far its list of compatible brands is searched, in bytes.
_BRANDS, _BRANDS_END = 8, 64
_BOX = b"ftyp"
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

#: How far an XML file is searched for its first element, in bytes.
_XML_START = 2048


@dataclass(frozen=True, kw_only=True)
class ForeignFormat:
    """A format that is not read.

    Attributes:
        code: The code of the error, for translations.
        advice: What it is and what to send instead; continues "this is".
        recognises: Whether bytes begin like this format.
    """

    code: str
    advice: str
    recognises: Callable[[bytes], bool]

    def error(self) -> InvalidImage:
        """Return the error for an image in this format."""
        message = f"The image cannot be read: this is {self.advice}."
        return InvalidImage(message, FieldError("", message, self.code))


def foreign_format(data: bytes) -> ForeignFormat | None:
    """Return the format of an image that is not read; ``None`` for any other bytes."""
    return next((each for each in _FORMATS if each.recognises(data)), None)


def _has_brand(data: bytes, *brands: bytes) -> bool:
    return data[4:8] == _BOX and any(brand in data[_BRANDS:_BRANDS_END] for brand in brands)


def _is_svg(data: bytes) -> bool:
    start = data[:_XML_START].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in start)


_FORMATS = (
    ForeignFormat(
        code="image_is_avif",
        advice="AVIF; send JPEG or PNG",
        recognises=lambda data: _has_brand(data, b"avif", b"avis"),
    ),
    ForeignFormat(
        code="image_is_heic",
        advice="HEIC, as iPhones save photos; send JPEG or PNG",
        recognises=lambda data: _has_brand(data, *_HEIC_BRANDS),
    ),
    ForeignFormat(
        code="image_is_svg",
        advice="SVG, which has shapes and no pixels; save it as PNG and send that",
        recognises=_is_svg,
    ),
    ForeignFormat(
        code="image_is_tiff",
        advice="TIFF; send PNG, which is lossless too",
        recognises=lambda data: data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    ),
    ForeignFormat(
        code="image_is_pdf",
        advice="PDF, a document; save its page as PNG and send that",
        recognises=lambda data: data.startswith(b"%PDF-"),
    ),
)
