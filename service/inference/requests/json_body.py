"""The JSON body of a prediction: one digit or many, each as pixels or as an encoded picture."""

from typing import Any

import orjson

from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.report import PIXELS, SIDE
from service.inference.requests.base64_pictures import decode_picture
from service.inference.requests.batch import Batch, Item, PictureReader, joined
from service.inference.requests.pixels import read_pixels, type_name

ONE = '{"pixels": 28x28 or 784 numbers} or {"image": base64 or a data URL}'
LISTS_PER_INSTANCE = SIDE + 4
COMMAS_PER_INSTANCE = PIXELS + 16
COLONS_PER_INSTANCE = 4
PART_BYTES = 262_144
SMALL_BYTES = 65_536  # of which nothing grows beyond a few megabytes


def read_json(body: bytes, limits: InputLimits) -> Batch:
    """Read a JSON body.

    Raises:
        InvalidInput: It is not what the contract says; names the place.
        InvalidImage: A picture in it cannot be read; names the place.
        TooLarge: It is over a limit.
    """
    document = parse(body, limits, wanted=ONE)
    fast = b"true" not in body and b"false" not in body
    reader = PictureReader(limits)
    if type(document) is dict and document.keys() == {"instances"}:
        entries = _entries(document["instances"], limits)
        items = [_item(entry, f"/instances/{number}", reader, fast=fast) for number, entry in enumerate(entries)]
        return joined(items, many=True)
    return joined([_item(document, "", reader, fast=fast)], many=False)


def parse(body: bytes, limits: InputLimits, *, wanted: str) -> Any:
    """A JSON body of predictions, parsed only where it cannot grow beyond what *limits* allow.

    Raises:
        InvalidInput: It is empty, where the text says what was *wanted*, or no JSON.
        TooLarge: It has more bytes, lists or numbers than the largest batch.
    """
    if not body:
        raise InvalidInput.at("", f"The body is empty; send {wanted}.")
    if len(body) > SMALL_BYTES:
        _check_extent(body, limits)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput.at("", f"The body is no JSON in UTF-8: {error}.") from None


def _check_extent(body: bytes, limits: InputLimits) -> None:
    """Count before parsing: a text of brackets grows twentyfold in memory."""
    if len(body) > limits.max_json_bytes:
        raise TooLarge(f"The body has {len(body):,} bytes; the limit for JSON is {limits.max_json_bytes:,}.")
    counted = (
        ("lists and objects", b"[{", LISTS_PER_INSTANCE),
        ("commas", b",", COMMAS_PER_INSTANCE),
        ("colons", b":", COLONS_PER_INSTANCE),
    )
    for what, signs, per_instance in counted:
        if _has_more(body, signs, per_instance * (limits.max_instances + 1)):
            raise TooLarge(f"The body has more {what} than {limits.max_instances:,} instances, the limit, would have.")


def _has_more(body: bytes, signs: bytes, most: int) -> bool:
    """Whether there are more of these signs, looked for part by part: other threads run in between."""
    found = 0
    for start in range(0, len(body), PART_BYTES):
        found += sum(body.count(sign, start, start + PART_BYTES) for sign in signs)
        if found > most:
            return True
    return False


def _entries(value: Any, limits: InputLimits) -> list[Any]:
    if type(value) is not list or not value:
        what = "an empty list" if value == [] else type_name(value)
        raise InvalidInput.at("/instances", f"Instances are a list of at least one {ONE}, not {what}.")
    if len(value) > limits.max_instances:
        raise TooLarge(f"/instances has {len(value):,} entries; the limit is {limits.max_instances:,}.")
    return value


def _item(value: Any, pointer: str, reader: PictureReader, *, fast: bool) -> Item:
    if type(value) is not dict:
        raise InvalidInput.at(pointer, f"An instance is {ONE}, not {type_name(value)}.")
    if value.keys() == {"pixels"}:
        return read_pixels(value["pixels"], f"{pointer}/pixels", may_hold_booleans=not fast)
    if value.keys() == {"image"}:
        return _picture(value["image"], f"{pointer}/image", reader)
    return _refuse_keys(value, pointer)


def _refuse_keys(value: dict[str, Any], pointer: str) -> Item:
    unknown = [key for key in value if key not in {"pixels", "image"} and (pointer or key != "instances")]
    if unknown:
        key = unknown[0].replace("~", "~0").replace("/", "~1")
        raise InvalidInput.at(f"{pointer}/{key}", f"There is no such field; send {ONE}.")
    if not value:
        raise InvalidInput.at(pointer, f"Nothing to read; send {ONE}.")
    raise InvalidInput.at(pointer, f"Send one of {', '.join(sorted(value))}, not several.")


def _picture(value: Any, pointer: str, reader: PictureReader) -> Item:
    if type(value) is not str:
        raise InvalidInput.at(pointer, f"A picture is base64 or a data URL, not {type_name(value)}.")
    data, media_type = decode_picture(value, pointer, reader.limits)
    return reader.read(data, pointer, media_type=media_type)
