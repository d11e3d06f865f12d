"""The weights of a network in responses, as a picture of the network needs them."""

from pydantic import Field

from service.api.schemas.common import CHECKPOINT_ID, JOB_ID, Wire

#: A number that is not finite is null.
Number = float | None


class ShownLayerOut(Wire):
    """A layer, and some of its units."""

    units: int = Field(examples=[512])
    activation: str = Field(examples=["relu"])
    shown: list[int] = Field(
        description="The numbers of the units shown here, evenly spaced, counted from 0.", examples=[[0, 170, 341, 511]]
    )
    biases: list[Number] = Field(description="The bias of each shown unit.")
    weights: list[list[Number]] | None = Field(
        description="From each shown unit of the layer below (rows) to each shown unit; null for the first layer."
    )


class WeightPictureOut(Wire):
    """The weights from the 28×28 pixels into one unit: each is its byte times *scale*."""

    scale: Number = Field(description="Null, as `data` is, if a weight is not finite.")
    data: str | None = Field(description="784 signed bytes as base64, row by row.")


class WeightsSourceOut(Wire):
    """Where weights come from."""

    job_id: str | None = Field(examples=[JOB_ID])
    checkpoint_id: str | None = Field(description="Null while the job trains.", examples=[CHECKPOINT_ID])
    step: int | None = Field(description="The job's step at which it had these weights.")


class NetworkWeightsOut(WeightsSourceOut):
    """A network with the weights between some of its units, with four significant digits."""

    layers: list[ShownLayerOut]
    pictures: list[WeightPictureOut] | None = Field(
        description="With `pictures=true`: the weights into each shown unit of the first layer."
    )


class UnitWeightsOut(WeightsSourceOut):
    """All weights into one unit, with four significant digits."""

    layer: int
    unit: int
    bias: Number
    weights: list[Number] = Field(description="From each of the 784 pixels, or from each unit of the layer below.")
