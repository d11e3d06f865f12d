"""Reads a zip of labelled folders of pictures: ``7/a.png``, also below ``train/`` and ``test/``."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from naivenet.datasets import CLASSES, SIDE
from service.domain.dataset import DatasetLimits
from service.errors import InvalidImage, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.formats import open_image
from service.inference.pictures.report import PrepareOptions
from service.inference.requests.batch import ImageReader
from service.jobs.datasets.reading.archives import content_of
from service.jobs.datasets.reading.pictures import Bytes, Content, Pictures, UploadedFile, check_count

#: A file in archives that the service exports: their pictures are prepared already, and taken as they are.
PREPARED = "naivenet-dataset.json"

#: All pictures of an archive may have as many pixels as so many of the largest ones.
_LARGEST_PICTURES = 100

_DIGITS = tuple(map(str, range(CLASSES)))
_SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test"}


@dataclass(frozen=True, kw_only=True)
class _Member:
    """A picture in the archive, with its label; without a split if its path has none."""

    info: zipfile.ZipInfo
    label: int
    split: str | None


def read(
    archive: zipfile.ZipFile,
    file: UploadedFile,
    limits: DatasetLimits,
    pictures: InputLimits,
    options: PrepareOptions,
) -> Content:
    """Return the pictures of an archive in its order, prepared as those of predictions are.

    Raises:
        InvalidInput: A file is no picture, or is in no folder that is called by a digit; the error names it.
        TooLarge: There are too many pictures, or one is too large.
    """
    members = list(_members(archive, file))
    if not members:
        raise file.fault(
            "it has no picture in a folder that is called by a digit, such as 7/a.png; it may also be an npz file, or "
            "have the four IDX files of Fashion-MNIST."
        )
    check_count(len(members), limits.max_samples)
    together = replace(pictures, max_request_pixels=_LARGEST_PICTURES * pictures.max_pixels)
    reader = None if PREPARED in archive.namelist() else ImageReader(together, options)
    images = np.stack([_image(archive, each.info, file, pictures, reader) for each in members])
    found = Pictures(images=images, labels=np.array([each.label for each in members], np.uint8))
    if all(each.split is None for each in members):
        return Content(train=found, test=None)
    is_test = np.array([each.split == "test" for each in members])
    return Content(train=found.where(~is_test), test=found.where(is_test))


def _members(archive: zipfile.ZipFile, file: UploadedFile) -> Iterator[_Member]:
    for info in archive.infolist():
        path = PurePosixPath(info.filename)
        if info.is_dir() or path.name == PREPARED or _is_litter(path):
            continue
        if path.parent.name not in _DIGITS:
            raise file.fault(
                f"{info.filename[:100]!r} is in no folder that is called by its digit, such as 7/a.png; the labels are "
                "0 to 9."
            )
        split = next((_SPLITS[each.lower()] for each in path.parts[:-2] if each.lower() in _SPLITS), None)
        yield _Member(info=info, label=int(path.parent.name), split=split)


def _is_litter(path: PurePosixPath) -> bool:
    """Return whether an operating system left the file there."""
    return path.name.startswith(".") or path.parts[0] == "__MACOSX" or path.name.lower() in {"thumbs.db", "desktop.ini"}


def _image(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: UploadedFile, limits: InputLimits, reader: ImageReader | None
) -> Bytes:
    data = content_of(archive, info, limits.max_image_bytes)
    try:
        if reader is None:
            return _prepared(data, limits)
        return reader.read(data, "", media_type=None).pixels
    except InvalidImage as error:
        raise file.fault(f"the picture {info.filename[:100]!r} in it: {error}") from error
    except TooLarge as error:
        raise TooLarge(f"The picture {info.filename[:100]!r}: {error}") from error


def _prepared(data: bytes, limits: InputLimits) -> Bytes:
    """Return a picture that the service exported, pixel for pixel.

    Raises:
        InvalidImage: It has another size, or is damaged.
    """
    image = open_image(data, limits)
    if image.size != (SIDE, SIDE):
        raise InvalidImage(f"It must have {SIDE} x {SIDE} pixels, as the archive says that its pictures are prepared.")
    try:
        return np.array(image.convert("L"))
    except Exception as error:  # noqa: BLE001  # Pillow raises nearly anything on hostile bytes
        raise InvalidImage(f"It is damaged: {error}.") from None
