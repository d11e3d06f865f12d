"""The datasets of a new job get their versions, and their samples become one training set."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pytest

import naivenet
from service.composition import Services
from service.domain.config import JobConfig
from service.domain.dataset import Dataset, DatasetVersion, Part, Sample, Split
from service.domain.ids import new_id
from service.errors import InvalidInput, StillInUse
from service.jobs import datasets
from service.jobs.configurations import resolve_new
from service.jobs.runs import load_samples

Add = Callable[[str, Split, int], None]


@pytest.fixture
def add(services: Services) -> Add:
    """Return a function that adds pictures, each with a mark of its own, and first creates the dataset."""
    marks = itertools.count(1)

    def _add(name: str, split: Split, number: int) -> None:
        if name not in services.datasets.names():
            at = DatasetVersion(version=None, train=Part(), test=Part(), digest=None, created_at=None)
            services.datasets.create(Dataset(name=name, source="uploaded", at=at, id=new_id("ds")))
        now = datetime.now(UTC)
        samples = [
            Sample(
                id=new_id("smp"),
                label=1,
                split=split,
                pixels=bytes([next(marks)] * 784),
                report={},
                original=None,
                created_at=now,
            )
            for _ in range(number)
        ]
        services.samples.add(name, samples)

    return _add


def test_each_dataset_of_a_mix_gets_its_newest_version(services: Services, add: Add) -> None:
    """The job shows the version of each, so that it can be run again; MNIST has none."""
    add("mine", "train", 1)
    config = resolve_new(services, {"datasets": ["mnist", {"name": "mine", "weight": 20}]})
    assert [(each.name, each.version) for each in config.datasets or ()] == [("mnist", None), ("mine", 2)]
    assert (config.dataset, config.dataset_version) == ("mnist", None)


def test_a_job_on_one_dataset_shows_its_version(services: Services, add: Add) -> None:
    """Later changes of the dataset do not change the job, or a fork that names the version again."""
    add("mine", "train", 1)
    add("mine", "test", 1)
    config = resolve_new(services, {"dataset": "mine"})
    assert config.dataset_version == 3
    add("mine", "train", 5)
    assert resolve_new(services, {"dataset": "mine"}).dataset_version == 4
    assert len(load_samples(config, partial(datasets.load_version, services)).training[0]) == 1


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({"datasets": ["mnist", "mein"]}, "/datasets/1/name", "Did you mean mine?"),
        ({"datasets": ["mnist", {"name": "mine", "version": 9}]}, "/datasets/1/version", "has no version 9"),
        ({"datasets": [{"name": "mnist", "version": 1}]}, "/datasets/0/version", "has no version 1"),
        ({"datasets": ["mnist", "mnist"]}, "/datasets/1/name", "is in the mix already"),
        ({"datasets": ["mine", "mnist"]}, "/dataset", "has no test pictures"),
        ({"dataset": "mine"}, "/dataset", "has no test pictures"),
        ({"dataset": "mnist", "dataset_version": 2}, "/dataset_version", "has no version 2"),
        ({"datasets": [{"name": "mnist", "weight": 100}]}, "/datasets", "has 6,000,000 pictures; at most 5,000,000"),
        (
            {"datasets": ["mnist", "mine"], "dataset": "mnist", "dataset_version": 7},
            "/dataset_version",
            "leave `dataset_version` out",
        ),
        ({"init_from": "live"}, "/init_from", "has no version yet"),
        ({"init_from": "digits@3"}, "/init_from", "has no version yet"),
        ({"init_from": "letters@live"}, "/init_from", "There is no model 'letters'"),
        ({"init_from": "ckpt_x"}, "/init_from", "There is no checkpoint 'ckpt_x'"),
    ],
)
def test_what_a_job_cannot_train_on_is_refused(
    services: Services, add: Add, body: dict[str, Any], pointer: str, message: str
) -> None:
    """The error points at the place in the body, and says what to do."""
    add("mine", "train", 1)
    with pytest.raises(InvalidInput, match=message) as refused:
        resolve_new(services, body)
    assert refused.value.errors[0].pointer == pointer


def test_a_dataset_of_a_waiting_job_cannot_be_deleted(services: Services, add: Add) -> None:
    """The error names the job."""
    add("mine", "train", 1)
    job = services.jobs.create(resolve_new(services, {"datasets": ["mnist", "mine"]}))
    with pytest.raises(StillInUse, match=job.id):
        services.datasets.delete("mine")


def test_a_mix_is_loaded_as_one_training_set(services: Services, add: Add) -> None:
    """The sets lie one after another; each holds out its own end, and a set without test pictures is read itself."""
    add("mine", "train", 4)
    add("yours", "train", 2)
    add("yours", "test", 3)
    mix = [{"name": "mnist", "weight": 0.05}, {"name": "mine", "weight": 20}, "yours"]
    config = resolve_new(services, {"datasets": mix, "validation_split": 0.25})
    samples = load_samples(config, partial(datasets.load_version, services))
    images, labels = samples.training
    assert len(images) == len(labels) == 45_000 + 3 + 2
    assert samples.mix == tuple(
        naivenet.MixPart(samples=number, weight=weight) for number, weight in [(45_000, 0.05), (3, 20), (2, 1)]
    )
    assert samples.steps_per_epoch(128) == -(-(2250 + 60 + 2) // 128)
    assert samples.validation is not None
    assert len(samples.validation[0]) == 15_000 + 1
    np.testing.assert_array_equal(images[45_000:, 0, 0], [1, 2, 3, 5, 6])
    assert [(each.dataset, each.split, len(each.samples[0])) for each in samples.sets] == [
        ("mnist", "test", 10_000),
        ("mine", "train", 4),
        ("yours", "test", 3),
    ]
    assert list(samples.further) == ["mine", "yours"]
    assert samples.test_set == naivenet.datasets.MNIST_TEST_SET


@pytest.fixture
def narrow(services: Services) -> naivenet.Network:
    """Add a version of ``digits`` with a network that no preset has."""
    network = naivenet.Network.from_dict(
        {"layers": [{"units": 8, "activation": "tanh"}, {"units": 10, "activation": "softmax"}]}
    )
    data = naivenet.to_safetensors(network.build(784, seed=1))
    checkpoint = services.weights.write(data, network=network)
    services.checkpoints.add(checkpoint)
    services.models.add_version("digits", checkpoint.id)
    return network


@pytest.mark.parametrize("reference", ["live", "digits@live", "digits@1", "best"])
def test_a_job_starts_from_a_version_of_a_model(services: Services, narrow: naivenet.Network, reference: str) -> None:
    """The job has the id of the checkpoint, and its network, also where the preset has another one."""
    config = resolve_new(services, {"preset": "accurate", "init_from": reference})
    assert config.init_from == services.models.get("digits").versions[0].checkpoint_id
    assert config.network == narrow


@pytest.mark.usefixtures("narrow")
def test_a_network_in_the_body_has_to_fit(services: Services) -> None:
    """A body that names a network gets no other one."""
    network = JobConfig().network.to_dict()
    with pytest.raises(InvalidInput, match=r"layers\.0\.W has shape"):
        resolve_new(services, {"init_from": "live", "network": network})
