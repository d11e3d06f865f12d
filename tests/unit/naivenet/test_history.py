"""The history of a run: one line, a table, data frames and a plot."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from naivenet import EpochEnd, History, ParameterError, Position, Steps
from naivenet.plots import smoothed, thinned


def history(*, epochs: int = 2, steps_per_epoch: int = 4) -> History:
    """Return a history whose losses fall from 2 by 0.1 at each step, tested but not validated."""
    steps = epochs * steps_per_epoch
    losses = np.linspace(2, 2 - 0.1 * (steps - 1), steps, dtype=np.float32)
    ends = [
        EpochEnd(
            epoch=number,
            step=number * steps_per_epoch,
            train_loss=1 / number,
            train_accuracy=1 - 0.5 / number,
            test_loss=1.5 / number,
            test_accuracy=1 - 0.6 / number,
            seconds=0.5,
            position=Position(step=number * steps_per_epoch),
        )
        for number in range(1, epochs + 1)
    ]
    return History(losses=losses, epochs=tuple(ends))


def test_it_collects_the_events_of_a_run() -> None:
    """The losses of all chunks are one array; the epochs keep their order."""
    whole = history()
    chunk = [
        Steps(first_step=first, epoch=1, losses=losses, position=Position(step=first + 3), seconds=0)
        for first, losses in ((1, whole.losses[:4]), (5, whole.losses[4:]))
    ]

    collected = History.of([chunk[0], whole.epochs[0], chunk[1], whole.epochs[1]])

    assert collected.losses.tolist() == whole.losses.tolist()
    assert collected.epochs == whole.epochs


def test_its_repr_is_one_short_line() -> None:
    """It names steps, epochs and the last metrics; the metrics that were not measured are left out."""
    expected = "train_loss=0.5, train_accuracy=0.75, test_loss=0.75, test_accuracy=0.7"
    assert repr(history()) == f"History(8 steps, 2 epochs, {expected})"


def test_a_notebook_shows_its_epochs_as_a_table() -> None:
    """The table has a row for each epoch and a column for each metric that was measured."""
    html = history(epochs=3)._repr_html_()
    assert html.count("<tr>") == 1 + 3
    assert "<th>test accuracy</th>" in html
    assert "validation" not in html
    assert "<td>0.8000</td>" in html


def test_its_steps_as_a_data_frame() -> None:
    """Each step is a row with its epoch and its loss, numbered from 1."""
    frame = history().to_pandas()
    assert frame.index.tolist() == list(range(1, 9))
    assert frame.index.name == "step"
    assert frame["epoch"].tolist() == [1] * 4 + [2] * 4
    assert frame["loss"].tolist() == history().losses.tolist()


def test_its_epochs_as_a_data_frame() -> None:
    """Each epoch is a row with the metrics that were measured."""
    frame = history().to_pandas("epoch")
    assert frame.index.tolist() == [1, 2]
    assert frame["test_accuracy"].tolist() == [0.4, 0.7]
    assert "validation_loss" not in frame


@pytest.mark.parametrize("factor", [0.5, 0.95, 0.98, 0.999])
def test_the_smoothed_loss_keeps_a_share_of_the_average_that_grows_to_the_factor(factor: float) -> None:
    """It equals a plain loop: at step t the average keeps min(factor, (t - 1) / (t + 9)) of itself."""
    losses = np.random.default_rng(0).uniform(0, 3, 1500)
    expected, average = [], 0.0
    for step, loss in enumerate(losses.tolist(), 1):
        share = min(factor, (step - 1) / (step + 9))
        average = share * average + (1 - share) * loss
        expected.append(average)
    np.testing.assert_allclose(smoothed(losses, factor), expected, rtol=1e-10)


#: The losses of steps 1 to 128 of a run of the preset `accurate` on MNIST, with seed 1.
ACCURATE = np.loadtxt(Path(__file__).parent / "accurate_losses.txt")


@pytest.mark.parametrize("factor", [0.9, 0.95, 0.98, 0.999])
def test_on_a_falling_loss_the_smoothed_value_is_among_the_losses_around_it(factor: float) -> None:
    """At step 95 of a real run, and at every step from the tenth on, it lies within the values of its neighbourhood."""
    curve = smoothed(ACCURATE, factor)
    for step in (95, *range(10, 120)):
        around = ACCURATE[max(0, step - 11) : step + 10]
        assert around.min() < curve[step - 1] < around.max(), step


def test_a_factor_of_0_smooths_nothing() -> None:
    """Each average is the loss itself; of no loss there is none."""
    assert smoothed(np.arange(130.0), 0).tolist() == list(range(130))
    assert smoothed(np.array([])).tolist() == []


def test_a_loss_that_is_not_finite_does_not_end_the_smoothed_curve() -> None:
    """NaN and infinity are left out of the average; before the first number there is no average."""
    curve = smoothed(np.array([np.nan, 2.0, np.inf, 2.0]))
    assert np.isnan(curve[0])
    np.testing.assert_allclose(curve[1:], 2.0)


def test_few_losses_are_all_drawn() -> None:
    """Up to the most points, no step is left out."""
    assert thinned(np.zeros(2000)).tolist() == list(range(2000))


def test_many_losses_keep_their_ends_and_extremes() -> None:
    """Of 100,000 losses at most 2,000 are drawn: the first, the last, and every peak."""
    losses = np.random.default_rng(0).uniform(1, 2, 100_000)
    losses[12_345], losses[54_321] = 9, 0
    kept = thinned(losses)
    assert len(kept) <= 2000
    assert {0, 12_345, 54_321, 99_999} <= set(kept.tolist())


@pytest.mark.parametrize("log", [False, True])
def test_the_plot_has_losses_and_accuracies(log: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """The chart has each loss with its smoothed value above, and the accuracies of each epoch below."""
    spec = history().plot(log=log).to_dict()
    losses, accuracies = spec["vconcat"]
    points = spec["datasets"][losses["data"]["name"]]
    assert [round(row["loss"], 1) for row in points] == [2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3]
    assert {(row["epoch"], row["images"]) for row in spec["datasets"][accuracies["data"]["name"]]} == {
        (epoch, images) for epoch in (1, 2) for images in ("train", "test")
    }
    assert accuracies["encoding"]["x"]["axis"]["values"] == [1, 2]


def test_a_diverged_run_can_be_drawn(tmp_path: Path) -> None:
    """NaN and infinity are gaps; the chart is valid JSON and becomes a picture."""
    diverged = History(losses=np.array([2, np.inf, np.nan, np.nan], np.float32), epochs=())
    json.loads(diverged.plot().to_json())
    diverged.plot(log=True).save(str(tmp_path / "loss.png"))
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_training_does_not_import_the_plotting_libraries() -> None:
    """Altair and pandas are imported when a plot or a data frame is made, not before."""
    check = "import sys, naivenet; assert not {'altair', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_an_unknown_granularity_is_refused() -> None:
    """A data frame has a row for each step or for each epoch."""
    with pytest.raises(ParameterError, match="granularity must be 'step' or 'epoch', not 'epochs'"):
        history().to_pandas("epochs")  # type: ignore[arg-type]  # the point of the test
