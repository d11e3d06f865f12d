"""Experiments with the client: created, waited for, read as a table and drawn."""

from collections.abc import Iterator

import pytest

from naivenet_client import Client, Experiment, InvalidInput, NotFound

QUICK = {"dataset": "tiny", "epochs": 1, "batch_size": 500}
ARMS = {name: {**QUICK, "optimizer": {"name": name}} for name in ("sgd", "adam")}


@pytest.fixture(scope="module")
def experiment(naive: Client) -> Iterator[Experiment]:
    """An experiment that has ended; it is deleted afterwards."""
    created = naive.experiments.create(arms=ARMS, seeds=2, baseline="sgd", name="Adam or SGD")
    yield created.wait(progress=False)
    naive.experiments.delete(created.id)
    with pytest.raises(NotFound):
        naive.experiments.get(created.id)


def test_an_experiment_and_its_jobs(naive: Client, experiment: Experiment) -> None:
    """It is in the list, it counts its jobs, and they can be listed."""
    assert (experiment.status, experiment.jobs.succeeded, experiment.jobs.ended) == ("succeeded", 4, 4)
    assert experiment.id in {each.id for each in naive.experiments.list(status="succeeded", limit=5)}
    assert {(job.arm, job.seed) for job in experiment.job_list()} == {(arm, seed) for arm in ARMS for seed in (1, 2)}
    assert repr(experiment).endswith("succeeded, 4 of 4 jobs)")


def test_the_result_is_a_table_with_sentences(experiment: Experiment) -> None:
    """Each run is a row; the pair has its sentence, in Spanish too; a notebook shows both."""
    result = experiment.result()
    table = result.to_pandas()
    assert list(table.columns) == ["arm", "seed", "state", "test_accuracy", "job_id"]
    assert table.groupby("arm")["test_accuracy"].mean()["adam"] == pytest.approx(result.arms[1].mean)
    assert result.pairs[0].sentence in repr(result)
    assert "<table>" in result._repr_html_()
    assert experiment.result(language="es").pairs[0].sentence != result.pairs[0].sentence


def test_the_charts(experiment: Experiment) -> None:
    """Dots and curves come as Vega-Lite and SVG."""
    assert len(experiment.plot().spec["datasets"]["runs"]) == 4
    assert experiment.plot("curve", figure="test_loss", theme="dark").svg.startswith("<svg")


def test_the_report(experiment: Experiment) -> None:
    """It is HTML, in the language that the call names."""
    assert "Report of an experiment</title>" in experiment.report()
    assert "Informe de un experimento" in experiment.report("es")


def test_a_sweep_is_checked_before_it_is_queued(naive: Client) -> None:
    """Fields may be written with dots; an error has the pointer into the request."""
    plan = naive.experiments.validate(config=QUICK, sweep={"optimizer.learning_rate": [0.01, 0.1]}, seeds=6)
    assert [arm.values for arm in plan.arms] == [{"/optimizer/learning_rate": rate} for rate in (0.01, 0.1)]
    assert plan.jobs == 12
    assert plan.minimal_detectable_difference
    with pytest.raises(InvalidInput) as caught:
        naive.experiments.validate(config=QUICK, sweep={"optimizer.learning_rate": [0.01, -1]})
    assert caught.value.errors[0].pointer == "/sweep/~1optimizer~1learning_rate/1"


def test_seeds_are_added_and_the_rest_is_cancelled(naive: Client) -> None:
    """More seeds make it run again; cancelling ends it."""
    long = {name: {**config, "epochs": 900} for name, config in ARMS.items()}
    experiment = naive.experiments.create(arms=long, seeds=1)
    assert experiment.add_seeds(1).seeds == (1, 2)
    assert experiment.cancel().wait(progress=False).status == "cancelled"
    experiment.delete()
