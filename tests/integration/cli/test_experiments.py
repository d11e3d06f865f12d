"""``naivenet experiment`` against a real service."""

import pytest

from tests.integration.cli.conftest import Run

QUICK = ("--set", "dataset=tiny", "--set", "epochs=1", "--set", "batch_size=500")
ARMS = ("--arm", "sgd:optimizer.name=sgd", "--arm", "adam:optimizer.name=adam,optimizer.learning_rate=0.01")


def test_an_experiment_is_created_watched_and_deleted(naivenet_cli: Run) -> None:
    """Arms share what `--set` says; each run has a line when it has ended, then sentences and a table follow."""
    ran = naivenet_cli("experiment", "create", *QUICK, *ARMS, "--seeds", "1,2", "--baseline", "sgd", "--watch")
    experiment_id, sentence, header, *rows = ran.text.splitlines()
    assert len(ran.error.splitlines()) == 4
    assert "adam" in sentence
    assert header.split("\t")[:3] == ["arm", "runs", "mean"]
    assert [row.split("\t")[:2] for row in rows] == [["sgd", "2/2"], ["adam", "2/2"]]
    assert naivenet_cli("experiment", "result", experiment_id, "--json").json["seeds"] == [1, 2]
    assert naivenet_cli("experiment", "result", experiment_id, "--language", "es").text != ran.text
    assert experiment_id in {each["id"] for each in naivenet_cli("experiment", "list", "--json").json}
    naivenet_cli("experiment", "add-seeds", experiment_id, "1")
    assert naivenet_cli("experiment", "cancel", experiment_id).text == f"{experiment_id} is cancelled\n"
    assert naivenet_cli("experiment", "watch", experiment_id, "--json").json["seeds"] == [1, 2, 3]
    assert naivenet_cli("experiment", "delete", experiment_id, "--json").json["deleted"]


def test_a_sweep_is_checked(naivenet_cli: Run) -> None:
    """`--check` shows the arms, the jobs and what they can show, and queues nothing."""
    sweep = ("--sweep", "optimizer.learning_rate=0.01,0.1", "--seeds", "8")
    lines = naivenet_cli("experiment", "create", *QUICK, *sweep, "--check").text.splitlines()
    assert lines[:3] == ["16 jobs: 2 arms, 8 seeds", "  learning_rate=0.01", "  learning_rate=0.1"]
    assert lines[-1].startswith("shows a difference of about ")


def test_an_experiment_from_a_file(naivenet_cli: Run) -> None:
    """Options stand in place of the file's fields; errors have their pointers."""
    body = b'{"arms": [{"name": "a", "config": {"epochs": 0}}, {"name": "b"}], "seeds": 99}'
    ran = naivenet_cli("experiment", "create", "--config", "-", "--seeds", "2", stdin=body)
    assert (ran.code, "/arms/0/config/epochs" in ran.error) == (2, True)


@pytest.mark.parametrize("options", [("--arm", "epochs=1"), ("--sweep", "epochs"), ("--seeds", "many")])
def test_a_wrong_option_is_refused(naivenet_cli: Run, options: tuple[str, str]) -> None:
    """The message names the option."""
    ran = naivenet_cli("experiment", "create", *options)
    assert (ran.code, options[0] in ran.error) == (2, True)
