"""The command line as users run it: as processes, against a real service."""

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


@pytest.mark.parametrize("command", [(), ("serve",), ("train",), ("predict",), ("jobs",), ("jobs", "start")])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    """`--help` shows the usage of every command."""
    ran = run(*command, "--help")

    assert ran.returncode == 0
    assert "Usage:" in ran.stdout


def test_serve_has_a_flag_for_every_setting() -> None:
    """Every setting is a flag as well as an environment variable."""
    ran = run("serve", "--help", COLUMNS="200", TERM="dumb")

    for name in ("--host", "--port", "--data-dir", "--no-trainer", "--max-upload-bytes", "--cache-dir"):
        assert name in ran.stdout


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


def test_train_refuses_an_unknown_optimizer() -> None:
    """The error names the field and the known optimizers."""
    ran = run("train", "--optimizer", "magic")

    assert ran.returncode == 2
    assert "/optimizer" in ran.stderr
    assert "'adam'" in ran.stderr


def test_predict_with_a_file_of_weights(weights: Path, seven: Path) -> None:
    """With a file of weights, `predict` needs no service."""
    ran = run("predict", "--weights", str(weights), str(seven))

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"{seven}: 7  ")


def test_predict_names_the_file_that_is_not_an_image(weights: Path, tmp_path: Path) -> None:
    """The error contains the path of the wrong file."""
    text = tmp_path / "text.png"
    text.write_text("not an image")

    ran = run("predict", "--weights", str(weights), str(text))

    assert ran.returncode == 2
    assert str(text) in ran.stderr.replace("\n", "")


def test_predict_with_a_service(session_server: Server, trained: Json, seven: Path) -> None:
    """Without `--weights` the service makes the prediction."""
    ran = run("predict", str(seven), NAIVENET_URL=session_server.base_url)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"{seven}: ")


def test_jobs_are_started_watched_listed_and_deleted(session_server: Server, tmp_path: Path) -> None:
    """The command line manages a job from start to deletion."""
    config = tmp_path / "job.json"
    config.write_text('{"name": "from a file", "dataset": "tiny", "epochs": 2}')
    service = {"NAIVENET_URL": session_server.base_url}

    started = run("jobs", "start", "--config", str(config), "--watch", **service)
    job_id, *epochs, status = started.stdout.splitlines()
    listed = run("jobs", "list", "--status", "succeeded", **service)
    shown = run("jobs", "show", job_id, **service)
    deleted = run("jobs", "delete", job_id, **service)
    gone = run("jobs", "show", job_id, **service)

    assert (status, len(epochs)) == ("succeeded", 2)
    assert any(line.startswith(job_id) and "from a file" in line for line in listed.stdout.splitlines())
    assert json.loads(shown.stdout)["id"] == job_id
    assert deleted.returncode == 0
    assert gone.returncode == 3
    assert f"no job {job_id!r}" in gone.stderr


def test_a_job_is_cancelled(session_server: Server) -> None:
    """Cancelling prints the job's new status."""
    service = {"NAIVENET_URL": session_server.base_url}
    job_id = run("jobs", "start", **service).stdout.strip()

    assert run("jobs", "cancel", job_id, **service).stdout.strip() in {"cancelled", "cancelling"}
    assert run("jobs", "watch", job_id, **service).stdout.splitlines()[-1] == "cancelled"


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


def test_a_key_that_may_only_train_cancels_its_job(guarded: Server) -> None:
    """Starting, cancelling and deleting a job need no right to read it."""
    made = run("keys", "create", "bob", "--scope", "train", "--json", NAIVENET_DATA_DIR=str(guarded.data_dir))
    service = {"NAIVENET_URL": guarded.base_url, "NAIVENET_KEY": json.loads(made.stdout)["key"]}
    job_id = run("jobs", "start", **service).stdout.strip()

    assert run("jobs", "cancel", job_id, **service).stdout == "cancelled\n"
    assert run("jobs", "delete", job_id, **service).returncode == 0
    assert run("jobs", "show", job_id, **service).returncode == 4


def test_the_weight_and_quotas_of_a_key_are_set(guarded: Server) -> None:
    """They are given when a key is created, or later, and listed with what was used today."""
    here = {"NAIVENET_DATA_DIR": str(guarded.data_dir)}
    made = json.loads(run("keys", "create", "eva", "--weight", "2", "--jobs-per-day", "1", "--json", **here).stdout)
    service = {"NAIVENET_URL": guarded.base_url, "NAIVENET_KEY": made["key"]}

    started = [run("jobs", "start", **service) for _ in range(2)]
    listed = run("keys", "list", **here).stdout
    changed = run("keys", "set", "eva", "--unlimited", "--core-minutes-per-day", "1.5", **here).stdout
    nothing = run("keys", "set", "eva", **here)

    assert [each.returncode == 0 for each in started] == [True, False]
    assert "quota" in started[1].stderr
    assert [line.split("\t")[6:] for line in listed.splitlines() if made["id"] in line] == [["2", "1 of 1", "0.0"]]
    assert changed == f"{made['id']} for eva: weight 2, unlimited jobs and 1.5 core minutes a day\n"
    assert "--unlimited" in nothing.stderr


def test_keys_are_created_used_listed_and_revoked(guarded: Server, seven: Path) -> None:
    """Only the key goes to standard output, for scripts; commands read it from the environment."""
    server = guarded
    here = {"NAIVENET_DATA_DIR": str(server.data_dir)}

    made = run("keys", "create", "ada", "--scope", "read", "--days", "30", **here)
    service = {"NAIVENET_URL": server.base_url, "NAIVENET_KEY": made.stdout.strip()}
    listed = run("keys", "list", **here).stdout
    allowed = run("jobs", "list", **service)
    forbidden = run("predict", str(seven), **service)
    revoked = run("keys", "revoke", "ada", **here)
    unknown = run("keys", "revoke", "eve", **here)

    assert allowed.returncode == 0, allowed.stderr
    assert "`predict`" in forbidden.stderr
    key_id = listed.splitlines()[1].split("\t")[0]
    assert made.stdout.startswith(key_id)
    assert made.stdout.strip() not in listed
    assert "revoked" in revoked.stdout
    assert "revoked" in run("keys", "list", **here).stdout
    assert unknown.returncode == 3
