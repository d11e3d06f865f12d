"""The metrics on each dataset of a mix, in responses."""

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import Field

from service.api.schemas.common import Wire
from service.domain.history import SetMetrics, Split


class SetOut(Wire):
    """The metrics on the pictures of one dataset."""

    dataset: str = Field(examples=["mine"])
    split: Split = Field(
        description="`test`: its test pictures. `train`: its training pictures, as it has none for testing."
    )
    samples: int = Field(description="The number of these pictures.", examples=[20])
    loss: float | None = Field(examples=[0.05])
    accuracy: float = Field(examples=[0.95])

    @classmethod
    def of(cls, sets: Sequence[SetMetrics]) -> "list[SetOut]":
        """Return the metrics as the API shows them."""
        return [cls(**asdict(each)) for each in sets]
