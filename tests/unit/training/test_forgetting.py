"""The diagnostic `forgotten`."""

import pytest

import naivenet
from service.training.worker.forgetting import Forgetting


def end(accuracy: float) -> naivenet.EpochEnd:
    """Return an epoch with this accuracy on the test set."""
    position = naivenet.Position(step=10)
    return naivenet.EpochEnd(
        epoch=2, step=10, train_loss=0.1, train_accuracy=0.9, test_accuracy=accuracy, seconds=1.0, position=position
    )


@pytest.mark.parametrize(("accuracy", "codes"), [(0.99, []), (0.97, []), (0.955, []), (0.94, ["forgotten"])])
def test_a_loss_of_more_than_two_points_is_reported(accuracy: float, codes: list[str]) -> None:
    """The accuracy of the weights that the job started from is what counts."""
    found = Forgetting(dataset="mnist", accuracy=0.97).after_epoch(end(accuracy), learning_rate=0.1)
    assert [each.code for each in found] == codes


def test_the_report_names_both_accuracies() -> None:
    """The evidence has the numbers, and the hint says what to change."""
    (found,) = Forgetting(dataset="mnist", accuracy=0.98).after_epoch(end(0.9), learning_rate=0.1)
    assert found.message == "The network read 98.0% of the test pictures of 'mnist' before this job, and 90.0% now."
    assert (found.epoch, found.step, found.evidence["accuracy"]) == (2, 10, 0.9)
    assert found.evidence["share"] == pytest.approx(0.08)
