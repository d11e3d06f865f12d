"""Builds a training run from a job's configuration: its samples, its network and the training itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import naivenet
from service.domain.config import JobConfig
from service.jobs import datasets
from service.storage.weights import INPUT_SIZE

#: Images and their labels.
Samples = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSamples:
    """The samples that a run trains on and is evaluated on.

    Attributes:
        validation: The end of the training set, held out; None without a validation split.
        test_set: The digest of the test set.
    """

    training: Samples
    validation: Samples | None
    test: Samples
    test_set: str

    def steps_per_epoch(self, batch_size: int) -> int:
        """Return the number of batches in an epoch."""
        return naivenet.count_batches(len(self.training[0]), batch_size)


def load_samples(config: JobConfig, datasets_dir: Path) -> RunSamples:
    """Load the configuration's dataset and hold out its validation split.

    Raises:
        InvalidInput: There is no such dataset.
        DatasetError: Its file is damaged or has the wrong form.
    """
    data = datasets.load(datasets_dir, config.dataset)
    training, validation = split((data.x_train, data.y_train), config.validation_split)
    return RunSamples(
        training=training,
        validation=validation,
        test=(data.x_test, data.y_test),
        test_set=naivenet.datasets.test_set_digest(data),
    )


def split(samples: Samples, share: float) -> tuple[Samples, Samples | None]:
    """Return the samples without their last *share*, and that share; None if it has no sample."""
    images, labels = samples
    kept = len(images) - int(len(images) * share)
    return (images[:kept], labels[:kept]), (images[kept:], labels[kept:]) if kept < len(images) else None


def build_model(config: JobConfig) -> naivenet.NaiveSequential:
    """Build the configuration's network on TensorFlow variables, its initial weights drawn from the seed."""
    return config.network.build(INPUT_SIZE, seed=config.seed or 0)


def build_training(
    model: naivenet.NaiveSequential, samples: RunSamples, config: JobConfig, **resumed: Any
) -> naivenet.Training:
    """Prepare to train *model* in place as *config* says; iterating over the result trains it.

    Args:
        model: A network on TensorFlow variables.
        samples: Its training, validation and test samples.
        config: The job's configuration.
        resumed: Further arguments of `naivenet.train`, such as where a resumed run starts; they override *config*.
    """
    from_config: dict[str, Any] = {
        "epochs": config.epochs,
        "batch_size": config.batch_size,
        "optimizer": config.optimizer,
        "schedule": config.schedule,
        "shuffle": config.shuffle,
        "augment": config.augment,
        "seed": config.seed or 0,
        "validation": samples.validation,
        "test": samples.test,
    }
    return naivenet.train(model, *samples.training, **(from_config | resumed))
