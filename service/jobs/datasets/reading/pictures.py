"""What all readers of uploaded files share: an uploaded file, the pictures in it, and their errors."""

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import CLASSES, SIDE
from service.errors import InvalidInput, TooLarge

#: How a gzipped file begins.
GZIP = b"\x1f\x8b"

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """A file of a form, or in an uploaded archive.

    Attributes:
        name: As the client calls it.
        pointer: Its place in the form, for errors.
    """

    name: str
    pointer: str
    file: IO[bytes]

    def decompressed(self) -> IO[bytes]:
        """Return the file from its beginning, decompressed if it is gzipped."""
        self.file.seek(0)
        start = self.file.read(len(GZIP))
        self.file.seek(0)
        return cast(IO[bytes], gzip.open(self.file)) if start == GZIP else self.file  # the caller reads it

    def fault(self, message: str) -> InvalidInput:
        """Return the error of this file."""
        return InvalidInput.at(self.pointer, f"The file {self.name[:100]!r} cannot be read: {message}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Pictures:
    """Pictures with their labels.

    Shapes:
        images: (n, 28, 28), uint8.
        labels: (n,), uint8, 0 to 9.
    """

    images: Bytes
    labels: Bytes

    @classmethod
    def none(cls) -> "Pictures":
        """Return no pictures."""
        return cls(images=np.zeros((0, SIDE, SIDE), np.uint8), labels=np.zeros(0, np.uint8))

    def where(self, chosen: NDArray[np.bool_]) -> "Pictures":
        """Return some of the pictures."""
        return Pictures(images=self.images[chosen], labels=self.labels[chosen])


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """The training pictures of a file, and its test pictures; None if the file does not divide them."""

    train: Pictures
    test: Pictures | None


def divided(content: Content, test_share: float) -> tuple[Pictures, Pictures]:
    """Return training and test pictures; a file that does not divide them is divided by the digest of each picture.

    The same picture is always in the same part, whatever else the file has.
    """
    if content.test is not None:
        return content.train, content.test
    digests = [hashlib.sha256(image.tobytes()).digest() for image in content.train.images]
    is_test = np.array([int.from_bytes(each[:8]) < test_share * 2**64 for each in digests], np.bool_)
    return content.train.where(~is_test), content.train.where(is_test)


def checked_labels(labels: NDArray[Any], name: str, file: UploadedFile) -> Bytes:
    """Return labels as bytes.

    Raises:
        InvalidInput: One is no digit; the error names the first.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= CLASSES))
    if wrong.size:
        raise file.fault(f"{name}[{wrong[0]}] is {labels[wrong[0]]}; labels are digits from 0 to {CLASSES - 1}.")
    return labels.astype(np.uint8)


def check_count(count: int, limit: int) -> None:
    """Check the number of pictures of a file.

    Raises:
        TooLarge: It is over the limit.
    """
    if count > limit:
        raise TooLarge(f"The file has {count:,} pictures or more; the limit of a dataset is {limit:,}.")


@contextmanager
def faults_of(file: UploadedFile, *errors: type[Exception]) -> Iterator[None]:
    """Turn *errors* of a library about damaged bytes into the fault of the file."""
    try:
        yield
    except errors as error:
        raise file.fault(f"it is damaged, cut off or of another kind ({error}).") from error
