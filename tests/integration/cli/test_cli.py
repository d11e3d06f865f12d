"""The command line against a real service; as a process where that makes a difference."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import naivenet
from tests.integration.cli.conftest import Run
from tests.servers import Json, Server


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``naivenet`` and wait for it."""
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    """Return the file that ``naivenet train --save`` writes after a short run."""
    file = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    optimizer = ("--optimizer", "adam", "--learning-rate", "0.001")
    choices = ("--preset", "accurate", "--dataset", "tiny", "--epochs", "3", "--seed", "5", *optimizer)
    ran = run("train", *choices, "--save", str(file), NAIVENET_DATASETS_DIR=str(tiny))
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == f"seed 5\nweights saved to {file}\n"
    assert [line.split()[:2] for line in ran.stdout.splitlines()] == [["epoch", f"{n}/3"] for n in (1, 2, 3)]
    return file


@pytest.mark.parametrize("names", [(), ("serve",), ("train",), ("predict",), ("jobs",), ("jobs", "start")])
def test_every_command_has_help(cli: Run, names: tuple[str, ...]) -> None:
    """`--help` shows the usage of every command."""
    ran = cli(*names, "--help")

    assert ran.code == 0
    assert "Usage:" in ran.text


def test_serve_has_a_flag_for_every_setting(cli: Run) -> None:
    """Every setting is a flag as well as an environment variable."""
    ran = cli("serve", "--help", COLUMNS="200", TERM="dumb")

    for name in ("--host", "--port", "--data-dir", "--no-trainer", "--max-upload-bytes", "--cache-dir"):
        assert name in ran.text


def test_a_wrong_setting_is_an_error_of_one_line() -> None:
    """The error names the setting and what would be right, and nothing starts."""
    ran = run("serve", NAIVENET_PORT="many")

    assert ran.returncode == 1
    assert "NAIVENET_PORT" in ran.stderr
    assert "valid integer" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_train_in_a_pipe_prints_a_line_an_epoch_and_saves_weights(weights: Path) -> None:
    """The saved file has the weight list and its network."""
    model = naivenet.from_safetensors(weights.read_bytes())

    assert [weight.shape for weight in model.weights] == [(784, 512), (512,), (512, 10), (10,)]


def test_train_in_a_terminal_shows_a_progress_bar(tiny: Path) -> None:
    """The bar has the loss beside it, and each epoch prints a line with its accuracy."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "service", "train", "--dataset", "tiny", "--epochs", "2", "--seed", "1"]
    environment = os.environ | {"NAIVENET_DATASETS_DIR": str(tiny), "TERM": "xterm", "COLUMNS": "150"}
    process = subprocess.Popen(command, env=environment, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # on Linux: the other end is closed
        pass
    os.close(master)

    assert process.wait() == 0
    assert re.search("━[^\n]*loss [\\d.]+  accuracy 0\\.\\d+", shown.decode())
    assert b"test accuracy" in shown


def test_train_refuses_an_unknown_optimizer(cli: Run) -> None:
    """The error names the field and the known optimizers."""
    ran = cli("train", "--optimizer", "magic")

    assert ran.code == 2
    assert "/optimizer" in ran.error
    assert "'adam'" in ran.error


def test_predict_with_a_file_of_weights(cli: Run, weights: Path, seven: Path) -> None:
    """With a file of weights, `predict` needs no service."""
    ran = cli("predict", "--weights", str(weights), str(seven))

    assert ran.code == 0, ran.error
    assert ran.text.startswith(f"{seven}: 7  ")


def test_predict_names_the_file_that_is_not_an_image(cli: Run, weights: Path, tmp_path: Path) -> None:
    """The error contains the path of the wrong file."""
    text = tmp_path / "text.png"
    text.write_text("not an image")

    ran = cli("predict", "--weights", str(weights), str(text))

    assert ran.code == 2
    assert str(text) in ran.error.replace("\n", "")


def test_predict_with_a_service(cli: Run, session_server: Server, trained: Json, seven: Path) -> None:
    """Without `--weights` the service makes the prediction."""
    ran = cli("predict", str(seven), NAIVENET_URL=session_server.base_url)

    assert ran.code == 0, ran.error
    assert ran.text.startswith(f"{seven}: ")


def test_jobs_are_started_watched_listed_and_deleted(cli: Run, session_server: Server, tmp_path: Path) -> None:
    """The command line manages a job from start to deletion."""
    config = tmp_path / "job.json"
    config.write_text('{"name": "from a file", "dataset": "tiny", "epochs": 2}')
    service = {"NAIVENET_URL": session_server.base_url}

    started = cli("jobs", "start", "--config", str(config), "--watch", **service)
    job_id, *epochs, status = started.text.splitlines()
    listed = cli("jobs", "list", "--status", "succeeded", **service)
    shown = cli("jobs", "show", job_id, **service)
    deleted = cli("jobs", "delete", job_id, **service)
    gone = cli("jobs", "show", job_id, **service)

    assert (status, len(epochs)) == ("succeeded", 2)
    assert any(line.startswith(job_id) and "from a file" in line for line in listed.text.splitlines())
    assert json.loads(shown.text)["id"] == job_id
    assert deleted.code == 0
    assert gone.code == 3
    assert f"no job {job_id!r}" in gone.error


def test_a_job_is_cancelled(cli: Run, session_server: Server) -> None:
    """Cancelling prints the job's new status."""
    service = {"NAIVENET_URL": session_server.base_url}
    job_id = cli("jobs", "start", "--set", "dataset=tiny", "--set", "epochs=1000", **service).text.strip()

    assert cli("jobs", "cancel", job_id, **service).text.strip() in {"cancelled", "cancelling"}
    assert cli("jobs", "watch", job_id, **service).text.splitlines()[-1] == "cancelled"


def test_an_unreachable_service_is_an_error_of_one_line() -> None:
    """The error says how to start a service."""
    ran = run("jobs", "list", NAIVENET_URL="http://127.0.0.1:9")

    assert ran.returncode == 7
    assert "http://127.0.0.1:9" in ran.stderr
    assert "naivenet serve" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that requires keys, and trains nothing."""
    server = Server(tmp_path_factory.mktemp("guarded"), tiny=tiny, trainer=False, auth="on").start()
    yield server
    server.stop()


def test_a_key_that_may_only_train_cancels_its_job(cli: Run, guarded: Server) -> None:
    """Starting, cancelling and deleting a job need no right to read it."""
    made = cli("keys", "create", "bob", "--scope", "train", "--json", NAIVENET_DATA_DIR=str(guarded.data_dir))
    service = {"NAIVENET_URL": guarded.base_url, "NAIVENET_KEY": json.loads(made.text)["key"]}
    job_id = cli("jobs", "start", **service).text.strip()

    assert cli("jobs", "cancel", job_id, **service).text == "cancelled\n"
    assert cli("jobs", "delete", job_id, **service).code == 0
    assert cli("jobs", "show", job_id, **service).code == 4


def test_the_weight_and_quotas_of_a_key_are_set(cli: Run, guarded: Server) -> None:
    """They are given when a key is created, or later, and listed with what was used today."""
    here = {"NAIVENET_DATA_DIR": str(guarded.data_dir)}
    made = json.loads(cli("keys", "create", "eva", "--weight", "2", "--jobs-per-day", "1", "--json", **here).text)
    service = {"NAIVENET_URL": guarded.base_url, "NAIVENET_KEY": made["key"]}

    started = [cli("jobs", "start", **service) for _ in range(2)]
    listed = cli("keys", "list", **here).text
    changed = cli("keys", "set", "eva", "--unlimited", "--core-minutes-per-day", "1.5", **here).text
    nothing = cli("keys", "set", "eva", **here)

    assert [each.code == 0 for each in started] == [True, False]
    assert "quota" in started[1].error
    assert [line.split("\t")[6:] for line in listed.splitlines() if made["id"] in line] == [["2", "1 of 1", "0.0"]]
    assert changed == f"{made['id']} for eva: weight 2, unlimited jobs and 1.5 core minutes a day\n"
    assert "--unlimited" in nothing.error


def test_keys_are_created_used_listed_and_revoked(cli: Run, guarded: Server, seven: Path) -> None:
    """Only the key goes to standard output, for scripts; commands read it from the environment."""
    server = guarded
    here = {"NAIVENET_DATA_DIR": str(server.data_dir)}

    made = cli("keys", "create", "ada", "--scope", "read", "--days", "30", **here)
    service = {"NAIVENET_URL": server.base_url, "NAIVENET_KEY": made.text.strip()}
    listed = cli("keys", "list", **here).text
    allowed = cli("jobs", "list", **service)
    forbidden = cli("predict", str(seven), **service)
    revoked = cli("keys", "revoke", "ada", **here)
    unknown = cli("keys", "revoke", "eve", **here)

    assert allowed.code == 0, allowed.error
    assert "`predict`" in forbidden.error
    key_id = listed.splitlines()[1].split("\t")[0]
    assert made.text.startswith(key_id)
    assert made.text.strip() not in listed
    assert "revoked" in revoked.text
    assert "revoked" in cli("keys", "list", **here).text
    assert unknown.code == 3
