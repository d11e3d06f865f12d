"""The weights of a network, as a picture of it needs them."""

from msgspec import Struct


class ShownLayer(Struct, frozen=True, kw_only=True):
    """A layer, and some of its units; units count from 0.

    *weights* lead from each shown unit of the layer below (rows) to each shown unit; None for the first layer.
    """

    units: int
    activation: str
    shown: tuple[int, ...]
    biases: tuple[float | None, ...]
    weights: tuple[tuple[float | None, ...], ...] | None = None


class WeightPicture(Struct, frozen=True, kw_only=True):
    """The weights from 28×28 pixels into a unit: *data* has 784 signed bytes as base64.

    A weight is its byte times *scale*. Both are None if a weight is not finite.
    """

    scale: float | None = None
    data: str | None = None


class NetworkWeights(Struct, frozen=True, kw_only=True):
    """A network with the weights between some of its units, with four significant digits.

    *checkpoint_id* is None while the job trains, *pictures* unless they were asked for.
    """

    layers: tuple[ShownLayer, ...]
    job_id: str | None = None
    checkpoint_id: str | None = None
    step: int | None = None
    pictures: tuple[WeightPicture, ...] | None = None


class UnitWeights(Struct, frozen=True, kw_only=True):
    """All weights into one unit, from the 784 pixels or from the units of the layer below; four significant digits."""

    layer: int
    unit: int
    bias: float | None
    weights: tuple[float | None, ...]
    job_id: str | None = None
    checkpoint_id: str | None = None
    step: int | None = None
