"""The network that ships with the package, and its registration as the first version of ``digits``.

`tools/shipped_network.py` trains it. A new service can predict before anyone has trained a network.
"""

import logging
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import naivenet
from service.composition import Services
from service.domain.model import DIGITS
from service.errors import ServiceError

logger = logging.getLogger(__name__)

#: The file of its weights, and the digest of the file.
FILE = Path(str(resources.files("naivenet"))) / "data" / "digits.safetensors"
SHA256 = "a80c3fb3f88cfb3021384b509e64343db9ce1f130fb9dc96ef17549fdc3c398c"

#: The run that made it, and what it reads of MNIST's test images.
STEP, EPOCH = 9380, 20
METRICS: Mapping[str, float] = {"test_loss": 0.024852, "test_accuracy": 0.9915}


def register(services: Services) -> None:
    """Make the shipped network the first version of ``digits``, if the model never had a version.

    Two processes that start at the same time register it once. After an error the service starts without it, and the
    next start tries again.
    """
    if not services.settings.shipped_network:
        return
    try:
        if services.models.is_new(DIGITS):
            _register(services)
    except ServiceError as error:
        logger.warning("the shipped network is not registered, the next start tries again: %s", error)


def _register(services: Services) -> None:
    weights = FILE.read_bytes()
    checkpoint = services.weights.write(
        weights,
        network=naivenet.Network.of(naivenet.from_safetensors(weights)),
        step=STEP,
        epoch=EPOCH,
        metrics=dict(METRICS),
        test_set=naivenet.datasets.MNIST_TEST_SET,
        shipped=True,
    )
    added = False
    try:
        added = services.models.add_first(DIGITS, checkpoint)
    finally:
        if not added:  # another process was faster, or the database is away
            services.weights.delete_bytes(checkpoint.id)
