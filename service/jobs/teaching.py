"""Teaching: a short job from the live network, on a mix of MNIST and pictures of one's own."""

from typing import Any

from service.composition import Services
from service.domain.config import JobConfig
from service.domain.merging import merge
from service.errors import Conflict
from service.jobs import datasets
from service.jobs.configurations import Body, resolve_new

#: The share of MNIST that an epoch shows, so that little is forgotten: 6,000 pictures.
SHARE_OF_MNIST = 0.1

#: How many times an epoch shows each picture of one's own, and the most pictures of one's own that it shows.
REPEATS, MOST_OF_OWN = 20.0, 3_000

#: The rest of the configuration. docs/decisions/0022 has the figures.
TEACHING: dict[str, Any] = {
    "init_from": "live",
    "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    "schedule": {"name": "cosine"},
    "epochs": 3,
    "shuffle": True,
}


def teaching(name: str, samples: int) -> dict[str, Any]:
    """Return the body of the job that teaches the dataset *name*, which has so many training pictures."""
    weight = min(REPEATS, MOST_OF_OWN / max(samples, 1))
    mix = [{"name": datasets.BUILT_IN, "weight": SHARE_OF_MNIST}, {"name": name, "weight": weight}]
    return TEACHING | {"name": f"teach {name}", "datasets": mix}


def resolve_teaching(services: Services, name: str, body: Body) -> JobConfig:
    """Return the configuration of the job that teaches a dataset, with the changes in *body* over it.

    Raises:
        NotFound: There is no such dataset.
        Conflict: It is MNIST, which all teaching repeats.
        InvalidInput: A field of *body* is wrong, the dataset has no training pictures, or no network is live yet.
        Unavailable: The file system or the store does not answer.
    """
    if name == datasets.BUILT_IN:
        raise Conflict(f"Teaching always repeats {name!r}; teach a dataset of your own.")
    found = datasets.find(services, name)
    return resolve_new(services, merge(teaching(name, found.train.samples), body))
