"""Reads the JSON body of a prediction: one digit or many, each as pixels or as an encoded image."""

from typing import Any

from naivenet.datasets import PIXELS, SIDE
from service.domain.json_text import parse_json
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.report import AUTO, PreparedImage, PrepareOptions
from service.inference.requests.base64_images import decode_image
from service.inference.requests.batch import Batch, ImageReader, Instance
from service.inference.requests.pixels import read_pixels, type_name

FORMS = '{"pixels": 28x28 or 784 numbers} or {"image": base64 or a data URL}'
LISTS_PER_INSTANCE = PIXELS + SIDE + 4  # a last axis of 1 makes each number a list
COMMAS_PER_INSTANCE = PIXELS + 16
COLONS_PER_INSTANCE = 4
CHUNK_BYTES = 262_144
SMALL_BYTES = 65_536  # a body of this size takes a few megabytes at most once it is parsed


def read_json(body: bytes, limits: InputLimits, options: PrepareOptions = AUTO) -> Batch:
    """Read a JSON body.

    Raises:
        MalformedBody: It is not JSON.
        InvalidInput: The document has a mistake; the error names the place.
        InvalidImage: An image in it cannot be read; the error names the place.
        TooLarge: It is over a limit.
    """
    document = parse(body, limits, wanted=FORMS)
    has_booleans = b"u" in body or b"f" in body  # of true and false; to look for one byte is ten times as quick
    reader = ImageReader(limits, options)
    if type(document) is dict and document.keys() == {"instances"}:
        instances = [
            _instance(value, f"/instances/{number}", reader, has_booleans=has_booleans)
            for number, value in enumerate(_listed(document["instances"], limits))
        ]
        return Batch(instances, many=True, options=options)
    return Batch([_instance(document, "", reader, has_booleans=has_booleans)], many=False, options=options)


def parse(body: bytes, limits: InputLimits, *, wanted: str) -> Any:
    """Parse the JSON body of a prediction, after checking that the result stays within *limits*.

    Raises:
        InvalidInput: It is empty; the error asks for what is *wanted*.
        MalformedBody: It is not JSON.
        TooLarge: It has more bytes, lists or numbers than the largest batch.
    """
    if not body:
        raise InvalidInput.at("", f"The body is empty; send {wanted}.")
    if len(body) > SMALL_BYTES:
        _check_extent(body, limits)
    return parse_json(body)


def _check_extent(body: bytes, limits: InputLimits) -> None:
    """Count before parsing: parsed brackets take twenty times the memory of their text."""
    if len(body) > limits.max_json_bytes:
        raise TooLarge(f"The body has {len(body):,} bytes; the limit for JSON is {limits.max_json_bytes:,}.")
    limited = (
        ("lists and objects", b"[{", LISTS_PER_INSTANCE),
        ("commas", b",", COMMAS_PER_INSTANCE),
        ("colons", b":", COLONS_PER_INSTANCE),
    )
    for what, characters, per_instance in limited:
        if _has_more(body, characters, per_instance * (limits.max_instances + 1)):
            raise TooLarge(f"The body has more {what} than the limit of {limits.max_instances:,} instances allows.")


def _has_more(body: bytes, characters: bytes, most: int) -> bool:
    """Return whether the characters occur more than *most* times; other threads run between two chunks."""
    found = 0
    for start in range(0, len(body), CHUNK_BYTES):
        found += sum(body.count(character, start, start + CHUNK_BYTES) for character in characters)
        if found > most:
            return True
    return False


def _listed(value: Any, limits: InputLimits) -> list[Any]:
    if type(value) is not list or not value:
        what = "an empty list" if value == [] else type_name(value)
        raise InvalidInput.at("/instances", f"Instances must be a list of at least one {FORMS}, not {what}.")
    if len(value) > limits.max_instances:
        raise TooLarge(f"/instances has {len(value):,} entries; the limit is {limits.max_instances:,}.")
    return value


def _instance(value: Any, pointer: str, reader: ImageReader, *, has_booleans: bool) -> Instance:
    if type(value) is not dict:
        raise InvalidInput.at(pointer, f"An instance must be {FORMS}, not {type_name(value)}.")
    if value.keys() == {"pixels"}:
        return read_pixels(value["pixels"], f"{pointer}/pixels", may_hold_booleans=has_booleans)
    if value.keys() == {"image"}:
        return decode_and_read(value["image"], f"{pointer}/image", reader)[1]
    raise _wrong_keys(value, pointer)


def _wrong_keys(value: dict[str, Any], pointer: str) -> InvalidInput:
    unknown = [key for key in value if key not in {"pixels", "image"} and (pointer or key != "instances")]
    if unknown:
        return unknown_field(unknown[0], pointer, wanted=FORMS)
    if not value:
        return InvalidInput.at(pointer, f"The object is empty; send {FORMS}.")
    return InvalidInput.at(pointer, f"Send only one of {', '.join(sorted(value))}.")


def unknown_field(key: str, pointer: str, *, wanted: str) -> InvalidInput:
    """Return the error for a field that the object at *pointer* should not have."""
    escaped = key.replace("~", "~0").replace("/", "~1")
    return InvalidInput.at(f"{pointer}/{escaped}", f"Unknown field; send {wanted}.")


def decode_and_read(value: Any, pointer: str, reader: ImageReader) -> tuple[bytes, PreparedImage]:
    """Return the bytes of an image in base64 or in a data URL, and the prepared image.

    Raises:
        InvalidInput: The value is no text, or no base64.
        InvalidImage: The bytes are no image in a supported format, or a damaged one.
        TooLarge: The image is over a limit.
    """
    if type(value) is not str:
        raise InvalidInput.at(pointer, f"An image must be base64 or a data URL, not {type_name(value)}.")
    data, media_type = decode_image(value, pointer, reader.limits)
    return data, reader.read(data, pointer, media_type=media_type)
