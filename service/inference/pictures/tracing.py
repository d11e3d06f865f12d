"""Keeps small pictures of the steps of a preparation, for clients that want to see them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 200  # pixels of the longer side of a step's picture


class Steps:
    """The steps of one preparation; it keeps nothing unless they are wanted.

    Args:
        wanted: Whether the client wants a trace.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self.kept: tuple[tuple[str, NDArray[np.uint8]], ...] = ()

    def add(self, name: str, picture: NDArray[Any], *, scale: float = 1.0) -> None:
        """Keep a picture whose values times *scale* are levels from 0 to 255. Shapes: (h, w) or (h, w, 3)."""
        if self.wanted:
            levels = np.clip(picture * np.float32(scale), 0, 255).astype(np.uint8)
            smaller = min(1.0, SIDE / max(levels.shape[:2]))
            small = cv2.resize(levels, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
            self.kept += ((name, np.asarray(small, np.uint8)),)
