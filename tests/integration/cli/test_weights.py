"""``naivenet checkpoints``, ``models`` and ``predict`` against a real service."""

import json
from pathlib import Path

import httpx2
import pytest

import naivenet
from tests.integration.cli.conftest import Run
from tests.servers import Json

UNKNOWN = "ckpt_01m84c1jy4e3jte4zp011kt9e9"


def test_checkpoints_are_listed_and_shown(
    naivenet_cli: Run, trained: Json, checkpoint: str, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sizes are for people in text, and numbers in JSON."""
    listed = client.get("/v1/checkpoints", params={"job": trained["id"]}).json()["data"]
    assert naivenet_cli("checkpoints", "list", "--job", trained["id"], "--json").json == listed
    header, newest, *_ = naivenet_cli("checkpoints", "list", "--job", trained["id"]).text.splitlines()
    assert header.split("\t") == ["id", "from", "epoch", "accuracy", "size", "created"]
    assert newest.split("\t")[4] == "1.6 MB"
    assert naivenet_cli("checkpoints", "show", checkpoint).json == listed[0]
    monkeypatch.setattr("service.cli.output.is_terminal", lambda: True)
    assert listed[0]["sha256"] in naivenet_cli("checkpoints", "show", checkpoint).text


def test_weights_are_downloaded(naivenet_cli: Run, checkpoint: str, client: httpx2.Client, tmp_path: Path) -> None:
    """Into a file, into a folder, and to standard output, in any format."""
    weights = client.get(f"/v1/checkpoints/{checkpoint}/weights").content
    assert naivenet_cli("checkpoints", "download", checkpoint, "-o", "-").content == weights
    file = tmp_path / "weights.npz"
    assert naivenet_cli("checkpoints", "download", checkpoint, "--format", "npz", "-o", file).text == f"{file}\n"
    assert file.read_bytes()[:2] == b"PK"
    done = naivenet_cli("checkpoints", "download", checkpoint, "-o", tmp_path, "--json").json
    assert Path(done["path"]).read_bytes() == weights
    assert done["bytes"] == len(weights)


def test_wrong_downloads_are_refused(naivenet_cli: Run, checkpoint: str, tmp_path: Path) -> None:
    """Standard output has either weights or JSON, a folder must exist, and so must the checkpoint."""
    assert naivenet_cli("checkpoints", "download", checkpoint, "-o", "-", "--json").code == 2
    assert naivenet_cli("checkpoints", "download", checkpoint, "-o", tmp_path / "no" / "file").code == 2
    assert naivenet_cli("checkpoints", "download", UNKNOWN, "-o", tmp_path).code == 3
    assert list(tmp_path.iterdir()) == []


def test_weights_are_uploaded_evaluated_and_deleted(
    naivenet_cli: Run, checkpoint: str, tmp_path: Path, client: httpx2.Client
) -> None:
    """An uploaded copy is evaluated as by the API, digit by digit; after its deletion it is not found."""
    naivenet_cli("checkpoints", "download", checkpoint, "--format", "npz", "-o", tmp_path / "w.npz")
    network = tmp_path / "network.json"
    network.write_text(json.dumps(naivenet_cli("checkpoints", "show", checkpoint).json["network"]))
    copy = naivenet_cli("checkpoints", "upload", tmp_path / "w.npz", "--network", network).text.strip()
    found = naivenet_cli("checkpoints", "evaluate", copy, "--json").json
    assert found == client.get(f"/v1/checkpoints/{copy}/evaluation").json()
    first, header, *digits = naivenet_cli("checkpoints", "evaluate", copy).text.splitlines()
    assert first.startswith(f"accuracy {found['accuracy']:.4f} on ")
    assert (header.split("\t"), len(digits)) == (["digit", "images", "precision", "recall"], 10)
    assert naivenet_cli("checkpoints", "delete", copy, "--json").json == {"id": copy, "deleted": True}
    assert naivenet_cli("checkpoints", "delete", copy).code == 3


def test_an_upload_names_what_does_not_fit(naivenet_cli: Run, tmp_path: Path) -> None:
    """A file that is no weight list is refused by the service, and a missing file by the command line."""
    (tmp_path / "w.npz").write_bytes(b"no weights")
    assert naivenet_cli("checkpoints", "upload", tmp_path / "w.npz").code == 2
    assert naivenet_cli("checkpoints", "upload", tmp_path / "missing").code == 2


def test_a_version_is_added_and_gets_an_alias(naivenet_cli: Run, checkpoint: str, client: httpx2.Client) -> None:
    """An alias moves only while its etag fits, and can be removed."""
    version = naivenet_cli("models", "add-version", "cli", checkpoint).text.strip()
    added = naivenet_cli("models", "add-version", "cli", checkpoint, "--json").json
    assert added["version"] == int(version) + 1
    alias = naivenet_cli("models", "alias", "set", "cli", "chosen", version, "--json").json
    moved = naivenet_cli(
        "models", "alias", "set", "cli", "chosen", added["version"], "--if-match", alias["etag"].strip('"')
    )
    assert moved.text == f"cli: chosen is version {added['version']}\n"
    stale = naivenet_cli("models", "alias", "set", "cli", "chosen", version, "--if-match", alias["etag"])
    assert stale.code == 5
    assert naivenet_cli("models", "show", "cli").json == client.get("/v1/models/cli").json()
    assert naivenet_cli("models", "list", "--json").json == client.get("/v1/models").json()["data"]
    assert "\ncli\t2\tbest: 2, chosen: 2" in naivenet_cli("models", "list").text
    assert naivenet_cli("models", "alias", "remove", "cli", "chosen", "--json").json["deleted"]
    assert naivenet_cli("models", "alias", "remove", "cli", "chosen").code == 3
    assert naivenet_cli("models", "delete-version", "cli", "2").code == 5  # `live` points at it
    assert naivenet_cli("models", "delete-version", "cli", "1", "--json").json["deleted"]
    assert naivenet_cli("models", "delete", "cli", "--json").json["deleted"]
    assert naivenet_cli("models", "delete", "cli").code == 3
    assert naivenet_cli("models", "show", "none").code == 3
    assert naivenet_cli("models", "add-version", "cli", UNKNOWN).code in {2, 3}


def test_the_versions_of_a_model_are_a_table_on_a_terminal(
    naivenet_cli: Run, checkpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each version has a line with its checkpoint."""
    naivenet_cli("models", "add-version", "shown", checkpoint)
    monkeypatch.setattr("service.cli.output.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    assert checkpoint in naivenet_cli("models", "show", "shown").text


def test_pictures_are_recognised_by_a_source(
    naivenet_cli: Run, trained: Json, seven: Path, client: httpx2.Client
) -> None:
    """Several pictures at once, by a model, an alias, a job or a checkpoint, as text and as the API's objects."""
    checkpoint = trained["result"]["checkpoint_id"]
    for by, name in {"model": "digits", "alias": "live", "job": trained["id"], "checkpoint": checkpoint}.items():
        lines = naivenet_cli("predict", seven, seven, f"--{by}", name).text.splitlines()
        assert [line.rpartition(": ")[0] for line in lines] == [str(seven)] * 2
        one, two = naivenet_cli("predict", seven, seven, f"--{by}", name, "--json").json
        answer = client.post("/v1/predict", params={by: name}, files={"file": seven.read_bytes()}).json()
        assert one == two == answer


def test_wrong_predictions_are_refused(naivenet_cli: Run, seven: Path, tmp_path: Path, checkpoint: str) -> None:
    """The error names the picture that is none; a file of weights allows no source."""
    text = tmp_path / "text.png"
    text.write_text("not an image")
    ran = naivenet_cli("predict", seven, text)
    assert (ran.code, ran.content) == (2, b"")
    assert ran.error.startswith(f"naivenet: {text}: ")
    weights = tmp_path / "w.safetensors"
    naivenet_cli("checkpoints", "download", checkpoint, "-o", weights)
    assert naivenet_cli("predict", "--weights", weights, "--model", "digits", seven).code == 2
    found = naivenet_cli("predict", "--weights", weights, seven, "--json").json
    model = naivenet.from_safetensors(weights.read_bytes())
    assert len(model.weights) == 4
    assert len(found[0]["probabilities"]) == 10
    assert naivenet_cli("predict", seven, "--model", "none").code == 3
