"""A mix of several sets: how often an epoch shows each image, in which order, and the metrics on further sets."""

from collections import Counter
from itertools import islice
from typing import Any

import numpy as np
import pytest

import naivenet
from naivenet import EpochEnd, History, MixPart, ParameterError, Position, SetMetrics, ShapeError, mixed_order
from tests.unit.naivenet.runs import Samples, built, weight_bytes

BIG, SMALL = 200, 10
MIX = [MixPart(samples=BIG, weight=0.25), MixPart(samples=SMALL, weight=3)]


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_shows_each_set_as_often_as_its_weight_says(*, shuffle: bool) -> None:
    """A quarter of the first set, each image at most once; each image of the second set three times."""
    order = mixed_order(MIX, epoch=0, seed=1, shuffle=shuffle)
    assert order.dtype == np.int32
    times = Counter(order.tolist())
    assert len(order) == 50 + 30
    assert sorted(times[number] for number in range(BIG)) == [0] * 150 + [1] * 50
    assert [times[BIG + number] for number in range(SMALL)] == [3] * SMALL


def test_a_weight_between_two_whole_numbers_repeats_and_adds_a_share() -> None:
    """With weight 2.5, half of the images are shown three times, the others twice."""
    times = Counter(mixed_order([MixPart(samples=10, weight=2.5)], epoch=0, seed=1, shuffle=True).tolist())
    assert sorted(times.values()) == [2] * 5 + [3] * 5


def test_each_epoch_shows_another_share() -> None:
    """Seed and epoch decide which images are in the share, and nothing else does."""
    shares = [
        frozenset(mixed_order(MIX, epoch=epoch, seed=seed, shuffle=False).tolist())
        for epoch, seed in [(0, 1), (0, 1), (1, 1), (0, 2)]
    ]
    assert shares[0] == shares[1]
    assert len(set(shares)) == 3


def test_without_shuffling_the_sets_are_spread_evenly() -> None:
    """Each set keeps its own order, and every part of the epoch has the same share of each."""
    order = mixed_order([MixPart(samples=90), MixPart(samples=10)], epoch=0, seed=1, shuffle=False)
    for part in range(2):
        own = order[(order >= 90) == bool(part)]
        np.testing.assert_array_equal(own, np.sort(own))
    assert [(tenth >= 90).sum() for tenth in order.reshape(10, 10)] == [1] * 10


def test_a_tiny_share_shows_one_image() -> None:
    """No set of a mix is left out."""
    assert MixPart(samples=10, weight=0.001).shown == 1


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"samples": 0}, "samples of a MixPart must be a whole number of at least 1, not 0"),
        ({"samples": 5, "weight": 0}, "weight of a MixPart must be a number above 0, not 0"),
        ({"samples": 5, "weight": float("inf")}, "weight of a MixPart must be a number above 0, not inf"),
    ],
)
def test_a_part_with_wrong_numbers_is_refused(part: dict[str, Any], message: str) -> None:
    """The message names the number."""
    with pytest.raises(ParameterError, match=message):
        MixPart(**part)


def test_parts_that_are_not_all_images_are_refused(few: Samples) -> None:
    """The message has both numbers."""
    with pytest.raises(ShapeError, match=f"the mix have 7 samples, but there are {len(few[0])} images"):
        naivenet.train(built(), *few, epochs=1, mix=[MixPart(samples=7)])


@pytest.fixture
def options(few: Samples) -> dict[str, Any]:
    """Options with a mix of two sets, and two sets to evaluate on."""
    first = len(few[0]) // 2
    mix = [MixPart(samples=first, weight=0.3), MixPart(samples=len(few[0]) - first, weight=2)]
    sets = {"first": (few[0][:first], few[1][:first]), "second": (few[0][first:], few[1][first:])}
    return {"epochs": 2, "batch_size": 64, "shuffle": True, "seed": 5, "mix": mix, "sets": sets}


def test_a_mix_trains_on_the_images_of_its_order(few: Samples, options: dict[str, Any]) -> None:
    """The loop as it reads, on arrays that are gathered by the order beforehand, gives the same bytes."""
    mixed, gathered = built(), built()
    history = naivenet.fit(mixed, *few, **options)
    losses = []
    for epoch in range(2):
        order = mixed_order(options["mix"], epoch=epoch, seed=5, shuffle=True)
        one = naivenet.fit(gathered, few[0][order], few[1][order], 1, 64, compiled=False)
        losses.append(one.losses)
    assert history.losses.tobytes() == np.concatenate(losses).tobytes()
    assert weight_bytes(mixed) == weight_bytes(gathered)


def test_the_eager_loop_trains_on_the_same_mix(few: Samples, options: dict[str, Any]) -> None:
    """Compiled or not, losses and the metrics on each set are the same."""
    histories = [naivenet.fit(built(), *few, **options, compiled=compiled) for compiled in (True, False)]
    one, other = ((each.losses.tobytes(), [end.sets for end in each.epochs]) for each in histories)
    assert one == other


def test_each_epoch_reports_the_metrics_on_each_set(few: Samples, options: dict[str, Any]) -> None:
    """They are those of `evaluate`, in the order of the sets, and the table of the history shows them."""
    model = built()
    history = naivenet.fit(model, *few, **options)
    for measured, (name, samples) in zip(history.epochs[-1].sets, options["sets"].items(), strict=True):
        expected = naivenet.evaluate(model, *samples)
        assert (measured.name, measured.samples) == (name, len(samples[0]))
        assert (measured.loss, measured.accuracy) == (expected.loss, expected.accuracy)
    assert "set second accuracy" in history._repr_html_()


def test_a_set_may_have_the_name_of_another_metric() -> None:
    """The metrics on a set that is named ``train`` stand beside those of training, and do not replace them."""
    measured = SetMetrics(name="train", samples=9, loss=0.25, accuracy=0.75)
    end = EpochEnd(
        epoch=1, step=1, train_loss=0.5, train_accuracy=0.5, sets=(measured,), seconds=1, position=Position(step=1)
    )
    row = History(losses=np.zeros(1, np.float32), epochs=(end,)).to_pandas("epoch").loc[1]
    assert (row["train_loss"], row["set_train_loss"]) == (0.5, 0.25)
    assert (row["train_accuracy"], row["set_train_accuracy"]) == (0.5, 0.75)


@pytest.mark.parametrize("stop_after", [1, 4, 8])
def test_a_mix_resumes_exactly(few: Samples, options: dict[str, Any], stop_after: int) -> None:
    """A run that is stopped after any event and resumed ends with the same bytes."""
    whole, resumed = built(), built()
    for _ in naivenet.train(whole, *few, **options, chunk_steps=2):
        pass
    first = naivenet.train(resumed, *few, **options, chunk_steps=2)
    before = list(islice(first, stop_after))
    for _ in naivenet.train(resumed, *few, **options, start=before[-1].position, slots=first.updater.slots()):
        pass
    assert weight_bytes(whole) == weight_bytes(resumed)
