"""Reads a stored file in pieces, and makes sure that they have the recorded digest."""

import hashlib
from typing import Self

from service.storage.blobs import BlobStore, damaged


class VerifiedFile:
    """A file that is read in pieces, from its start to its end or in part.

    A file on a local disk is compared with its digest first: reading it twice is cheap, and a damaged one is an error
    before anything is sent. An object in an object store is read once: it is compared on the way, and if it is damaged,
    its last piece raises an error instead of being returned.

    Args:
        blobs: The store.
        name: The name of the file.
        size: Its size in bytes.
        sha256: Its digest, in hexadecimal.
    """

    def __init__(self, blobs: BlobStore, name: str, *, size: int, sha256: str) -> None:
        self._blobs, self._name, self.size, self.sha256 = blobs, name, size, sha256
        self._found = hashlib.sha256()
        self._is_verified = False

    @classmethod
    def measured(cls, blobs: BlobStore, name: str) -> Self:
        """Return a file without a recorded digest: that of its bytes is what counts."""
        file = cls(blobs, name, size=blobs.size(name), sha256=blobs.digest(name))
        file._is_verified = True
        return file

    def prepare(self, *, whole: bool) -> None:
        """Verify the file now, unless it is read as a *whole* from an object store.

        Raises:
            CorruptCheckpoint: The file is missing or damaged.
        """
        if self._blobs.folder or not whole:
            self._blobs.check(self._name, sha256=self.sha256)
            self._is_verified = True
        elif self._blobs.size(self._name) != self.size:
            raise damaged(self._name)

    def read(self, first: int, end: int) -> bytes:
        """Return the bytes from *first* up to *end*: the pieces of a whole file in order.

        Raises:
            CorruptCheckpoint: This is the last piece, and the file is damaged.
        """
        piece = self._blobs.read_part(self._name, first, end)
        if not self._is_verified:
            self._found.update(piece)
            if end == self.size and self._found.hexdigest() != self.sha256:
                raise damaged(self._name)
        return piece
