"""``naivenet dataset`` against a real service: add, list, show, samples, export and delete."""

from pathlib import Path

import numpy as np

import naivenet
from service.domain.ids import new_id
from tests.integration.cli.conftest import Run


def test_pictures_are_added_listed_and_deleted(naivenet_cli: Run, seven: Path) -> None:
    """The first picture makes the dataset; each command has text and JSON."""
    name = new_id("cli")
    assert (
        naivenet_cli("dataset", "add", name, seven, seven, "--label", "7").text
        == f"{name}, version 2: 2 + 0 pictures\n"
    )
    added = naivenet_cli("dataset", "add", name, seven, "--label", 7, "--split", "test", "--json").json
    assert (added["version"], added["test"]["counts"][7]) == (3, 1)
    header, newest, *rest = naivenet_cli("dataset", "samples", name).text.splitlines()
    assert header.split("\t") == ["id", "label", "split", "warnings", "created"]
    assert (newest.split("\t")[1:3], len(rest)) == (["7", "test"], 2)
    assert len(naivenet_cli("dataset", "samples", name, "--split", "train", "--json").json) == 2
    naivenet_cli("dataset", "delete", name, "--sample", newest.split("\t")[0])
    assert naivenet_cli("dataset", "show", name).json["test"]["samples"] == 0
    assert naivenet_cli("dataset", "show", name, "--version", 3).json["test"]["samples"] == 1
    assert f"{name}\tuploaded\t4\t2\t0\t" in naivenet_cli("dataset", "list").text
    assert naivenet_cli("dataset", "delete", name, "--json").json["deleted"]
    assert naivenet_cli("dataset", "show", name).code == 3


def test_a_file_is_added_and_exported(naivenet_cli: Run, tmp_path: Path) -> None:
    """An exported file is read again; pictures without a label, a label alone, and an empty file are refused."""
    mnist, name, copy = naivenet.datasets.load(), new_id("cli"), new_id("cli")
    np.savez(tmp_path / "some.npz", x_train=mnist.x_test[:9], y_train=mnist.y_test[:9])
    made = naivenet_cli("dataset", "add", name, tmp_path / "some.npz", "--test-share", 0, "--json").json
    assert made["train"]["samples"] == 9
    path = naivenet_cli("dataset", "export", name, "--format", "zip", "-o", tmp_path).text.strip()
    assert path == str(tmp_path / f"{name}.zip")
    assert naivenet_cli("dataset", "add", copy, path, "--json").json["digest"] == made["digest"]
    assert naivenet_cli("dataset", "add", name, path, path).code == 2
    assert naivenet_cli("dataset", "add", new_id("cli"), "--label", 7).code == 2
    (tmp_path / "empty").touch()
    assert naivenet_cli("dataset", "add", new_id("cli"), tmp_path / "empty").code == 2
    assert naivenet_cli("dataset", "add", name, path).code == 5
    for each in (name, copy):
        assert naivenet_cli("dataset", "delete", each).code == 0
