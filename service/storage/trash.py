"""The trash of the checkpoint store: ``trash/DAY/NAME``, from which files can be moved back until they are deleted."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta

from service.storage.blobs import TRASH, BlobStore


class Trash:
    """Files that belong to no checkpoint, by the day on which the sweeper found them.

    Args:
        blobs: The checkpoint store.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def throw(self, names: Iterable[str]) -> None:
        """Move files into the trash of today."""
        for name in names:
            self._blobs.move(name, f"{TRASH}/{_today()}/{name}")

    def take_back(self, checkpoint_ids: Collection[str]) -> list[str]:
        """Move the files of these checkpoints back into the store; return their names."""
        found = [
            (day, name)
            for day in self.days()
            for name in self._blobs.names(f"{TRASH}/{day}")
            if name.partition(".")[0] in checkpoint_ids
        ]
        for day, name in found:
            self._blobs.move(f"{TRASH}/{day}/{name}", name)
        return [name for _, name in found]

    def empty(self, *, older_than_days: int | None = None) -> None:
        """Delete what was moved into the trash more than this many days ago; all of it without a number."""
        oldest_kept = date.max if older_than_days is None else _today() - timedelta(days=older_than_days)
        for day in self.days():
            if day < oldest_kept:
                self._blobs.delete_folder(f"{TRASH}/{day}")

    def total_bytes(self) -> int:
        """Return the size of all files in the trash."""
        return sum(size for day in self.days() for size in self._blobs.sizes(f"{TRASH}/{day}").values())

    def days(self) -> list[date]:
        """Return the days with files in the trash, the oldest first. Folders with other names are left alone."""
        return sorted(day for name in self._blobs.names(TRASH) if (day := _day(name)))


def _today() -> date:
    return datetime.now(UTC).date()


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
