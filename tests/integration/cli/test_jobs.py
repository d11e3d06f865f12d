"""``naivenet jobs`` against a real service: each command, its JSON and its errors."""

import json
from pathlib import Path

import httpx2
import pytest

from tests.integration.cli.conftest import Run
from tests.servers import OVERFLOWING, Json, finished, job_where, start_job, training

LONG = {"epochs": 1000}


def test_a_job_is_started_in_pieces(naivenet_cli: Run, client: httpx2.Client) -> None:
    """A configuration from standard input, with single fields in place of its own."""
    pieces = ("--config", "-", "--set", "epochs=1", "--set", "metadata.course=cli", "--set", "name=in pieces")
    ran = naivenet_cli("jobs", "create", *pieces, stdin=b'{"dataset": "tiny", "epochs": 7}')
    job = client.get(f"/v1/jobs/{ran.text.strip()}").json()
    assert (job["epochs"], job["metadata"], job["name"]) == (1, {"course": "cli"}, "in pieces")


def test_a_started_job_as_json(naivenet_cli: Run) -> None:
    """`start --json` prints the job; `fork --json` prints the new one."""
    job = naivenet_cli("jobs", "start", "--set", "dataset=tiny", "--set", "epochs=1", "--json").json
    assert job["dataset"] == "tiny"


def test_a_wrong_field_is_named(naivenet_cli: Run) -> None:
    """Each wrong field has its line, with its pointer."""
    ran = naivenet_cli("jobs", "start", "--set", "epochs=0", "--set", "batch_size=-1")
    assert ran.code == 2
    assert {line.split(":")[0].strip() for line in ran.error.splitlines()[1:]} == {"/epochs", "/batch_size"}


def test_jobs_are_listed(naivenet_cli: Run, trained: Json) -> None:
    """Filters hold; the list has a header, and in JSON it is an array of the API's objects."""
    filters = ("--status", "succeeded", "--group", "shared", "--metadata", "course=spring")
    header, *lines = naivenet_cli("jobs", "list", *filters).text.splitlines()  # forks have the labels, too
    assert header.split("\t") == ["id", "name", "status", "step", "accuracy"]
    assert any(line.startswith(f"{trained['id']}\tshared\tsucceeded\t") for line in lines)
    assert trained in naivenet_cli("jobs", "list", *filters, "--json").json
    assert naivenet_cli("jobs", "list", "--group", "none", "--json").json == []


def test_a_long_list_has_several_pages(
    naivenet_cli: Run, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list is one array, however many requests it takes."""
    made = [start_job(client, group="cli pages") for _ in range(3)]
    monkeypatch.setattr("naivenet_client._sync.pages.PAGE_SIZE", 2)
    assert [job["id"] for job in naivenet_cli("jobs", "list", "--group", "cli pages", "--json").json] == made[::-1]
    assert len(naivenet_cli("jobs", "list", "--group", "cli pages", "--limit", "1", "--json").json) == 1
    oldest_first = ("--group", "cli pages", "--reverse", "--sort", "created_at", "--created-after", "2020-01-01")
    assert [job["id"] for job in naivenet_cli("jobs", "list", *oldest_first, "--json").json] == made


def test_several_jobs_are_changed_by_a_filter(naivenet_cli: Run, client: httpx2.Client) -> None:
    """Their ids are printed; without a filter nothing happens."""
    job_id = start_job(client, group="cli bulk", epochs=500)
    assert naivenet_cli("jobs", "cancel-all", "--group", "cli bulk").text == f"{job_id}\n"
    finished(client, job_id)
    assert naivenet_cli("jobs", "delete-all", "--group", "cli bulk", "--json").json == {"count": 1, "ids": [job_id]}
    assert naivenet_cli("jobs", "delete-all").code == 2


def test_a_job_is_shown(naivenet_cli: Run, trained: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON in a pipe; on a terminal, a field a line."""
    assert naivenet_cli("jobs", "show", trained["id"]).json == trained
    monkeypatch.setattr("service.cli.output.is_terminal", lambda: True)
    shown = naivenet_cli("jobs", "show", trained["id"]).text
    assert "optimizer       adam, learning_rate 0.001" in shown
    assert "labels          course=spring" in shown
    assert naivenet_cli("jobs", "show", trained["id"], "--json").json == trained


@pytest.mark.parametrize("name", ["show", "watch", "history", "pause", "resume", "cancel", "fork", "save", "delete"])
def test_an_unknown_job_is_not_found(naivenet_cli: Run, name: str) -> None:
    """The exit code is 3, and the message names the job."""
    ran = naivenet_cli("jobs", name, "job_01m84c1jy4e3jte4zp011kt9e9", "--json")
    assert (ran.code, ran.content) == (3, b"")
    assert ran.error == "naivenet: There is no job 'job_01m84c1jy4e3jte4zp011kt9e9'.\n"


def test_a_job_is_watched_as_events(naivenet_cli: Run, trained: Json, client: httpx2.Client) -> None:
    """With `--json`, each line is one event, as in the API's log."""
    ran = naivenet_cli("jobs", "watch", trained["id"], "--json")
    log = client.get(f"/v1/jobs/{trained['id']}/events", params={"limit": 1000}).json()["data"]
    assert [json.loads(line) for line in ran.text.splitlines()] == log


def test_a_failed_job_is_watched(naivenet_cli: Run, tmp_path: Path) -> None:
    """The last line says why it failed, its diagnostics are on standard error, and the exit code is 1."""
    config = tmp_path / "job.json"
    config.write_text(json.dumps({"dataset": "tiny", "epochs": 1, "seed": 1, **OVERFLOWING}))
    ran = naivenet_cli("jobs", "start", "--config", config, "--watch")
    assert ran.code == 1
    assert ran.text.splitlines()[-1].startswith("failed: ")


def test_a_running_job_is_changed(naivenet_cli: Run, client: httpx2.Client) -> None:
    """Update, save, pause, resume and cancel; a job that has not ended cannot be deleted."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    updated = naivenet_cli(
        "jobs", "update", job_id, "--name", "slower", "--learning-rate", 0.0001, "--metadata", "a=b", "--json"
    )
    assert (updated.json["name"], updated.json["metadata"]) == ("slower", {"a": "b"})
    assert naivenet_cli("jobs", "update", job_id, "--metadata", "a=", "--json").json["metadata"] == {}
    assert naivenet_cli("jobs", "update", job_id).code == 2  # nothing to change
    saved = naivenet_cli("jobs", "save", job_id, "--json").json
    assert (saved["job_id"], naivenet_cli("jobs", "save", job_id).text[:5]) == (job_id, "ckpt_")
    assert naivenet_cli("jobs", "delete", job_id).code == 5
    assert naivenet_cli("jobs", "pause", job_id).text.strip() in {"pausing", "paused"}
    job_where(client, job_id, lambda job: job["status"] == "paused")
    assert naivenet_cli("jobs", "resume", job_id, "--json").json["status"] in {"queued", "running"}
    assert naivenet_cli("jobs", "cancel", job_id).text.strip() in {"cancelling", "cancelled"}
    job_where(client, job_id, lambda job: job["status"] == "cancelled")
    assert naivenet_cli("jobs", "delete", job_id, "--json").json == {"id": job_id, "deleted": True}


def test_a_job_is_forked(naivenet_cli: Run, trained: Json, checkpoint: str) -> None:
    """A fork has its parent's configuration, with other fields."""
    fork = naivenet_cli("jobs", "fork", trained["id"], "--set", "epochs=1", "--checkpoint", checkpoint, "--json").json
    assert (fork["parent_id"], fork["epochs"], fork["init_from"]) == (trained["id"], 1, checkpoint)
    assert fork["optimizer"] == trained["optimizer"]


@pytest.mark.parametrize("granularity", ["step", "epoch"])
def test_a_history_is_shown(naivenet_cli: Run, trained: Json, client: httpx2.Client, granularity: str) -> None:
    """JSON and CSV are those of the API; a table has a line for each point."""
    path, params = f"/v1/jobs/{trained['id']}/history", {"granularity": granularity}
    command = ("jobs", "history", trained["id"], "--granularity", granularity)
    document = client.get(path, params=params).json()
    assert naivenet_cli(*command, "--json").json == document
    table = client.get(path, params=params, headers={"Accept": "text/csv"}).text
    assert naivenet_cli(*command, "--csv").text.splitlines() == table.splitlines()
    assert len(naivenet_cli(*command).text.splitlines()) == 1 + document["total_points"]
    assert len(naivenet_cli(*command, "--after", document["next_after"]).text.splitlines()) == 1


def test_options_are_listed(naivenet_cli: Run, client: httpx2.Client) -> None:
    """Each choice has a line with its default parameters."""
    assert "optimizer\tsgd\tlearning_rate=0.001, momentum=0.0" in naivenet_cli("options").text
    assert naivenet_cli("options", "--json").json == client.get("/v1/options").json()


def test_a_job_on_a_mix_is_shown_with_each_dataset(naivenet_cli: Run) -> None:
    """The line of an epoch and the result have the accuracy on both; any weights can be evaluated on either."""
    mix = ("--datasets", "tiny:0.5,mnist:0.01")
    ran = naivenet_cli("jobs", "start", *mix, "--set", "epochs=1", "--watch")
    job_id, epoch = (line for line in ran.text.splitlines() if line.startswith(("job_", "epoch")))
    assert "tiny test accuracy" in epoch
    assert "mnist test accuracy" in epoch
    result = naivenet_cli("jobs", "show", job_id, "--json").json["result"]
    found = naivenet_cli("checkpoints", "evaluate", result["checkpoint_id"], "--dataset", "mnist", "--json").json
    assert (found["samples"], found["accuracy"]) == (10_000, result["sets"][1]["accuracy"])


def test_a_dataset_is_taught(naivenet_cli: Run, client: httpx2.Client) -> None:
    """The lesson starts from the live network, with single fields in place of its own."""
    job = naivenet_cli("dataset", "teach", "tiny", "--set", "epochs=1", "--json").json
    model = client.get("/v1/models/digits").json()
    (live,) = (alias["version"] for alias in model["aliases"] if alias["alias"] == "live")
    (start,) = (each["checkpoint_id"] for each in model["versions"] if each["version"] == live)
    assert (job["init_from"], job["epochs"]) == (start, 1)
    assert [each["name"] for each in job["datasets"]] == ["mnist", "tiny"]
