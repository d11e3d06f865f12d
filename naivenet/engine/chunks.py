"""Decides how many steps make a chunk, so that whoever saves or cancels waits but a moment for its end."""

_CHUNK_SECONDS = 0.07  # well under the 100 ms that a chunk may take, since steps do not all take as long
_GROWTH = 4


class Pace:
    """How many steps to take at once.

    Args:
        steps: That many, always; where None, as many as lately took less than 100 ms.
    """

    def __init__(self, steps: int | None) -> None:
        self.steps = steps or 1
        self._fixed = steps is not None
        self._compiled = False

    def took(self, steps: int, seconds: float) -> None:
        """Learn from a chunk. The first one also compiled the graph, and one cut short tells too little."""
        if not self._fixed and self._compiled and steps == self.steps:
            fitting = int(steps * _CHUNK_SECONDS / max(seconds, 1e-6))
            self.steps = max(1, min(fitting, steps * _GROWTH))
        self._compiled = True
