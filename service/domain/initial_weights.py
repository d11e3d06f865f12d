"""Checks that a job can start from the weights of a checkpoint."""

import naivenet
from service.domain.config import JobConfig
from service.errors import InvalidInput


def check_initial(config: JobConfig, network: naivenet.Network, input_size: int) -> None:
    """Check that *config* can start from the weights of *network*: all layers must have the same shapes.

    Raises:
        InvalidInput: A layer differs; the message names it and both shapes.
    """
    wanted, given = config.network.shapes(input_size), network.shapes(input_size)
    if len(wanted) != len(given):
        message = (
            f"The checkpoint has {len(network.layers)} layers, but the configured network has "
            f"{len(config.network.layers)}; use the checkpoint's layers."
        )
        raise InvalidInput.at("/init_from", message, "other_layers")
    for number, (want, give) in enumerate(zip(wanted, given, strict=True)):
        if want != give:
            name = f"layers.{number // 2}.{'Wb'[number % 2]}"
            message = f"{name} has shape {give} in the checkpoint, but the configured network needs {want}."
            raise InvalidInput.at("/init_from", message, "other_layers")
