"""Reads labelled pictures: the body that adds samples to a dataset. They are prepared as those of predictions are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from naivenet.datasets import CLASSES
from service.domain.dataset import Split
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.formats import FORMATS
from service.inference.pictures.report import AUTO, PreparationReport, PrepareOptions
from service.inference.pictures.scaling import to_bytes
from service.inference.requests.batch import Batch, ImageReader, Instance
from service.inference.requests.body import File, media_type_of
from service.inference.requests.json_body import decode_and_read, parse, unknown_field
from service.inference.requests.pixels import read_pixels, type_name

FORMS = '{"label": 0 to 9, "image": base64 or "pixels": 28x28 numbers, "split": "train" or "test"}'

#: The splits of a dataset; a sample without one belongs to the first.
SPLITS: tuple[Split, ...] = ("train", "test")

_FIELDS = frozenset({"label", "image", "pixels", "split"})


@dataclass(frozen=True, kw_only=True)
class LabelledPicture:
    """A picture with its label.

    Attributes:
        pixels: 784 bytes, as the network takes them.
        report: What the preparation did.
        original: The file that the client sent; None if it sent pixels.
    """

    label: int
    split: Split
    pixels: bytes = field(repr=False)
    report: PreparationReport
    original: bytes | None = field(repr=False)

    @property
    def media_type(self) -> str:
        """The media type of the original, as its bytes show."""
        data = self.original or b""
        return next((each.media_types[0] for each in FORMATS if each.recognises(data)), "application/octet-stream")


@dataclass(frozen=True, kw_only=True)
class _Read:
    """One of the pictures before their preparation as a batch."""

    label: int
    split: Split
    instance: Instance
    original: bytes | None


def read_labelled_json(body: bytes, limits: InputLimits, options: PrepareOptions = AUTO) -> list[LabelledPicture]:
    """Read one labelled picture, or a list of them under ``samples``.

    Raises:
        MalformedBody: It is not JSON.
        InvalidInput: The document has a mistake; the error names the place.
        InvalidImage: A picture in it cannot be read; the error names the place.
        TooLarge: It is over a limit.
    """
    document = parse(body, limits, wanted=FORMS)
    reader = ImageReader(limits, options)
    if type(document) is not dict or document.keys() != {"samples"}:
        return _joined([_sample(document, "", reader)], options)
    listed = document["samples"]
    if type(listed) is not list or not listed:
        raise InvalidInput.at("/samples", f"Samples must be a list of at least one {FORMS}.")
    _check_number(len(listed), limits)
    return _joined([_sample(each, f"/samples/{number}", reader) for number, each in enumerate(listed)], options)


def read_labelled_files(
    files: Sequence[File],
    labels: Sequence[str],
    splits: Sequence[str],
    limits: InputLimits,
    options: PrepareOptions = AUTO,
) -> list[LabelledPicture]:
    """Read the files of a form, with a label for each, or one for all; and likewise their splits.

    Raises:
        InvalidImage: A file is no image, or a damaged one; the error names the file.
        InvalidInput: There is no file, or a label is wrong or missing.
        TooLarge: It is over a limit.
    """
    if not files:
        raise InvalidInput.at("/file", "The form has no file; send pictures, as with curl -F file=@one.png -F label=1.")
    _check_number(len(files), limits)
    reader = ImageReader(limits, options)
    read = [
        _Read(
            label=_label_of(label, "/label"),
            split=_split_of(split, "/split"),
            instance=reader.read(file.data, file.pointer, media_type=media_type_of(file.media_type) or None),
            original=file.data,
        )
        for file, label, split in zip(
            files,
            _one_each(labels, len(files), "label", default=None),
            _one_each(splits, len(files), "split", default=SPLITS[0]),
            strict=True,
        )
    ]
    return _joined(read, options)


def _check_number(given: int, limits: InputLimits) -> None:
    if given > limits.max_instances:
        raise TooLarge(f"The request has {given:,} pictures; the limit is {limits.max_instances:,}.")


def _sample(value: Any, pointer: str, reader: ImageReader) -> _Read:
    if type(value) is not dict:
        raise InvalidInput.at(pointer, f"A sample must be {FORMS}, not {type_name(value)}.")
    if unknown := value.keys() - _FIELDS:
        raise unknown_field(min(unknown), pointer, wanted=FORMS)
    if ("image" in value) == ("pixels" in value):
        raise InvalidInput.at(pointer, f"A sample needs either `image` or `pixels`; send {FORMS}.")
    label, split = _label_of(value.get("label"), f"{pointer}/label"), value.get("split", SPLITS[0])
    original = None
    if "pixels" in value:
        instance: Instance = read_pixels(value["pixels"], f"{pointer}/pixels")
    else:
        original, instance = decode_and_read(value["image"], f"{pointer}/image", reader)
    return _Read(label=label, split=_split_of(split, f"{pointer}/split"), instance=instance, original=original)


def _label_of(value: Any, pointer: str) -> int:
    """Return a label: a digit, as a number or, as forms have it, as text."""
    digits = [str(digit) for digit in range(CLASSES)]
    if type(value) in {int, str} and str(value) in digits:
        return int(value)
    if value is None:
        raise InvalidInput.at(pointer, f"The label is missing: a digit from 0 to {CLASSES - 1}.")
    given = str(value) if type(value) in {int, float} else repr(value[:20]) if type(value) is str else type_name(value)
    raise InvalidInput.at(pointer, f"A label must be a digit from 0 to {CLASSES - 1}, not {given}.")


def _split_of(value: Any, pointer: str) -> Split:
    for split in SPLITS:
        if value == split:
            return split
    raise InvalidInput.at(pointer, f"A split must be `train` or `test`, not {str(value)[:20]!r}.")


def _one_each(given: Sequence[str], number: int, name: str, *, default: str | None) -> Sequence[str | None]:
    if len(given) in {0, 1}:
        return [given[0] if given else default] * number
    if len(given) != number:
        message = (
            f"The form has {number} files, but {len(given)} fields `{name}`; send one for each file, or one in all."
        )
        raise InvalidInput.at(f"/{name}", message)
    return given


def _joined(read: Sequence[_Read], options: PrepareOptions) -> list[LabelledPicture]:
    batch = Batch([each.instance for each in read], many=True, options=options)
    return [
        LabelledPicture(
            label=each.label,
            split=each.split,
            pixels=to_bytes(row).tobytes(),
            report=report,
            original=each.original,
        )
        for each, row, report in zip(read, batch.rows, batch.reports, strict=True)
    ]
