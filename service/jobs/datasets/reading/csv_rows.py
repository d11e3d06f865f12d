"""Reads CSV files in MNIST's layout: in each line a label and 784 pixels, with or without a header, gzipped or not."""

import io
import itertools
import zlib
from collections.abc import Iterator

import numpy as np

from naivenet.datasets import CLASSES, PIXELS, SIDE
from service.domain.dataset import DatasetLimits
from service.jobs.datasets.reading.pictures import Bytes, Content, Pictures, UploadedFile, check_count, faults_of

_COLUMNS = 1 + PIXELS
_BYTE = 0xFF
_LONGEST = 20  # digits: Python refuses to convert thousands

#: The longest line that is read, and the lines that are converted at a time; other threads run in between.
_LINE_CHARACTERS, _LINES = 16 * _COLUMNS, 100

_LAYOUT = f"each line needs a label from 0 to {CLASSES - 1} and {PIXELS} pixels from 0 to {_BYTE}, separated by commas"


def read(file: UploadedFile, limits: DatasetLimits) -> Content:
    """Return the pictures of a CSV file, which does not divide them.

    Raises:
        InvalidInput: A line is wrong; the error names the line and the column.
        TooLarge: It has too many lines.
    """
    parts, count = [], 0
    with faults_of(file, OSError, EOFError, zlib.error, UnicodeDecodeError):
        lines = _lines(file)
        while chunk := list(itertools.islice(lines, _LINES)):
            parts.append(_converted(chunk, file))
            count += len(chunk)
            check_count(count, limits.max_samples)
    if not parts:
        raise file.fault(f"it has no line with numbers; {_LAYOUT}.")
    rows = np.concatenate(parts)
    return Content(train=Pictures(images=rows[:, 1:].reshape(-1, SIDE, SIDE), labels=rows[:, 0].copy()), test=None)


def _lines(file: UploadedFile) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, without a header and without empty lines."""
    text = io.TextIOWrapper(file.decompressed(), "utf-8-sig")
    try:
        for number in itertools.count(1):
            line = text.readline(_LINE_CHARACTERS + 1)
            if len(line) > _LINE_CHARACTERS:
                raise file.fault(f"line {number} is longer than any line of pixels; {_LAYOUT}.")
            if not line:
                return
            if line.strip() and not (number == 1 and _is_header(line)):
                yield number, line
    finally:
        text.detach()  # the form closes its files itself


def _is_header(line: str) -> bool:
    return not line.partition(",")[0].strip().strip('"').lstrip("-").replace(".", "", 1).isdigit()


def _converted(chunk: list[tuple[int, str]], file: UploadedFile) -> Bytes:
    try:
        rows: Bytes = np.loadtxt([line for _, line in chunk], np.uint8, delimiter=",", ndmin=2)
    except ValueError:
        raise _first_fault(chunk, file) from None
    if rows.shape[1:] != (_COLUMNS,) or (rows[:, 0] >= CLASSES).any():
        raise _first_fault(chunk, file)
    return rows


def _first_fault(chunk: list[tuple[int, str]], file: UploadedFile) -> Exception:
    """Return the error that names the first wrong line and column."""
    for number, line in chunk:
        values = [each.strip() for each in line.split(",")]
        if len(values) != _COLUMNS:
            return file.fault(f"line {number} has {len(values)} columns, not {_COLUMNS}; {_LAYOUT}.")
        for column, value in enumerate(values, start=1):
            highest = CLASSES - 1 if column == 1 else _BYTE
            if not (value.isascii() and value.isdigit() and len(value) < _LONGEST and int(value) <= highest):
                what = "label" if column == 1 else "pixel"
                place = f"line {number}, column {column}"
                return file.fault(f"{place}: {value[:20]!r} is no {what}, a whole number from 0 to {highest}.")
    return file.fault(f"{_LAYOUT}.")
