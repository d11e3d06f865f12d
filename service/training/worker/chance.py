"""Finds that a network reads no more test images than chance explains."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import naivenet
from service.training.worker.diagnostic import Diagnostic

#: A network that is still at chance after so many steps has a problem; before, it may only be slow.
STEPS_BEFORE_CHANCE = 100

#: With fewer test images, chance explains too much.
FEWEST_IMAGES = 100


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What chance explains on a test set. service/page/net/chance.js has the same rule.

    Attributes:
        level: The share of the largest class: always answering it reads so many images.
        limit: Two standard deviations above the level, of the number of images that chance reads.
        images: How many the test set has.
    """

    level: float
    limit: float
    images: int

    @classmethod
    def of(cls, labels: Any) -> "Chance | None":
        """Return what chance explains with these test labels; None if they are too few to judge.

        Shapes:
            labels: (images,).
        """
        images = len(labels)
        if images < FEWEST_IMAGES:
            return None
        level = float(np.bincount(np.asarray(labels, np.int64)).max() / images)
        return cls(level=level, limit=level + 2 * math.sqrt(level * (1 - level) / images), images=images)

    def after_epoch(self, end: naivenet.EpochEnd, *, is_last: bool) -> list[Diagnostic]:
        """Return the report that the accuracy is not above chance, after a hundred steps or at the end; else empty."""
        accuracy = end.test_accuracy
        if accuracy is None or accuracy > self.limit or not (is_last or end.step >= STEPS_BEFORE_CHANCE):
            return []
        diagnostic = Diagnostic(
            code="chance_level",
            epoch=end.epoch,
            step=end.step,
            evidence={"accuracy": accuracy, "share": self.level, "limit": self.limit, "images": self.images},
            message=f"After epoch {end.epoch} the network reads {accuracy:.1%} of {self.images} test images. Always "
            f"answering the most frequent class would read {self.level:.1%}: so far it has learned nothing.",
            hint="Another report may name the cause. If there is none, try another learning rate or more epochs.",
        )
        return [diagnostic]
