"""Samples and their original pictures are stored together, whatever happens in between."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.composition import Services
from service.domain.dataset import Dataset, Sample
from service.errors import TooLarge, Unavailable
from service.inference.pictures.report import UNCHANGED
from service.inference.requests.labelled import LabelledPicture
from service.jobs.datasets import collecting
from service.store import SampleStore
from service.store.idempotency import IdempotencyKey

PICTURE = LabelledPicture(label=1, split="train", pixels=bytes(784), report=UNCHANGED, original=b"a picture")


def test_an_original_stays_where_the_answer_to_the_commit_is_lost(services: Services) -> None:
    """The repeated request finds the sample of the first one, with its original picture."""
    key = IdempotencyKey(key="k", digest="a")

    class Lost(SampleStore):
        def add(
            self, name: str, samples: Sequence[Sample], key: IdempotencyKey | None = None
        ) -> tuple[list[Sample], Dataset]:
            super().add(name, samples, key)
            raise Unavailable("The database does not answer.", retry_after_s=1)

    collecting.create(services, "mine")
    lost = replace(services, samples=Lost(services.database, services.datasets.limits))
    with pytest.raises(Unavailable):
        collecting.add_samples(lost, "mine", [PICTURE], key)
    (found,), at = collecting.add_samples(services, "mine", [PICTURE], key)
    assert services.dataset_files.read_original(found) == PICTURE.original
    assert (at.version, len(services.blobs.names())) == (2, 1)


def test_refused_samples_leave_no_original(services: Services) -> None:
    """The files are written before the rows, and deleted again."""
    collecting.create(services, "mine")
    limited = SampleStore(services.database, replace(services.datasets.limits, max_samples=0))
    with pytest.raises(TooLarge):
        collecting.add_samples(replace(services, samples=limited), "mine", [PICTURE])
    assert services.blobs.names() == set()
