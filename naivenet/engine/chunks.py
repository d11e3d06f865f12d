"""Chooses how many steps run in one call, so that saving or cancelling a run waits only a moment."""

_CHUNK_SECONDS = 0.07  # below the limit of 100 ms, since some steps take longer than others
_GROWTH = 4


class ChunkSize:
    """The number of steps that the next call runs.

    Args:
        steps: A fixed number. If None, the number follows the measured time, so that a chunk takes less than 100 ms.
    """

    def __init__(self, steps: int | None) -> None:
        self.steps = steps or 1
        self._fixed = steps is not None
        self._compiled = False

    def took(self, steps: int, seconds: float) -> None:
        """Adapt to the time of a chunk, except the first (it compiled the graph) and chunks that were cut short."""
        if not self._fixed and self._compiled and steps == self.steps:
            fitting = int(steps * _CHUNK_SECONDS / max(seconds, 1e-6))
            self.steps = max(1, min(fitting, steps * _GROWTH))
        self._compiled = True
