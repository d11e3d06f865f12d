"""Predictions, checkpoints, models and charts by the client."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import naivenet
from naivenet_client import Client, Conflict, InvalidInput, Job, NotFound, PreconditionFailed, Prediction

DIGIT = Path(__file__).parents[3] / "docs" / "seven.png"


def test_every_kind_of_picture_gives_the_same_digit(naive: Client, job: Job) -> None:
    """A path, bytes, a PIL image, an array and lists are recognised alike."""
    seven, small = Image.open(DIGIT), digits()[0]
    for picture in (DIGIT, str(DIGIT), DIGIT.read_bytes(), seven):
        assert naive.predict(picture, job=job.id).digit == 7
    for picture in (small, small.reshape(784), small.tolist(), small / 255, (small / 255).tolist()):
        assert naive.predict(picture, job=job.id).digit == 7


def test_a_batch_gives_a_list(naive: Client, job: Job) -> None:
    """An array of images or a list of pictures gives one prediction each, in order, with their source."""
    images = digits()[:5]
    batch = naive.predict(images, checkpoint=job.result.checkpoint_id)  # type: ignore[union-attr]  # it succeeded
    singles = [naive.predict(image, checkpoint=job.result.checkpoint_id) for image in images]  # type: ignore[union-attr]
    assert [each.digit for each in batch] == [each.digit for each in singles]
    assert all(each.checkpoint_id == job.result.checkpoint_id for each in batch)  # type: ignore[union-attr]
    assert [type(each) for each in naive.predict([DIGIT])] == [Prediction]


def test_a_prediction_explains_itself(naive: Client, job: Job) -> None:
    """`top_k`, `trace` and `explain` give the ranking, the network's input and the saliency map."""
    found = naive.predict(DIGIT, model="digits", alias="live", top_k=2, trace=True, explain="saliency")
    assert (len(found.top_k), found.model) == (2, "digits")
    assert found.trace
    assert found.trace.startswith("data:image/png")
    assert np.shape(found.saliency) == (28, 28)
    assert len(found.probabilities) == 10
    assert job.predict(DIGIT, top_k=1).job_id == job.id
    both = job.predict(DIGIT, explain=["saliency", "activations"])
    assert both.saliency
    assert both.activations
    assert len(both.activations[-1]) == 10


def test_the_weights_of_a_picture(naive: Client, job: Job) -> None:
    """A job and its checkpoint have the same weights between shown units, and into one unit."""
    checkpoint = next(iter(job.checkpoints()))
    by_job, by_checkpoint = job.network_weights(most=3, pictures=True), checkpoint.network_weights(most=3)
    assert by_job.layers == by_checkpoint.layers
    assert by_job.pictures
    assert (len(by_job.pictures), by_checkpoint.pictures) == (3, None)
    assert job.unit_weights(0, 1).weights == checkpoint.unit_weights(0, 1).weights


def test_bad_pictures_are_named(naive: Client, job: Job) -> None:
    """A missing file is a FileNotFoundError; bytes that are no image are InvalidInput with their place in the list."""
    with pytest.raises(FileNotFoundError):
        naive.predict("missing.png")
    with pytest.raises(InvalidInput) as raised:
        naive.predict([DIGIT, b"no image"])
    assert raised.value.errors[0].pointer == "/instances/1/image"
    with pytest.raises(InvalidInput):
        naive.predict(np.full((28, 28), 2.0))


def test_weights_are_downloaded_and_uploaded(naive: Client, job: Job, tmp_path: Path) -> None:
    """A checkpoint's file has the job's weights; what is uploaded again has the same, and can be deleted."""
    newest = job.checkpoints(limit=1).all()[0]
    path = newest.download(tmp_path)
    assert path == tmp_path / f"{newest.id}.safetensors"
    model = naivenet.from_safetensors(path.read_bytes())
    assert len(model.weights) == 4
    assert newest.download(tmp_path / "weights.npz", format="npz").read_bytes()[:2] == b"PK"
    copy = naive.checkpoints.upload(path)
    assert copy.sha256 == naive.checkpoints.get(newest.id).sha256
    assert copy.id in {each.id for each in naive.checkpoints.list(limit=5)}
    described = {"layers": [{"units": each.units, "activation": each.activation} for each in newest.network.layers]}
    naive.checkpoints.upload(newest.weights("npz"), network=described).delete()
    copy.delete()
    with pytest.raises(NotFound):
        naive.checkpoints.get(copy.id)
    assert [each.id for each in naive.checkpoints.list(job=job)] == [each.id for each in job.checkpoints()]


def test_a_running_job_is_saved_and_predicts(naive: Client) -> None:
    """`save` returns a checkpoint while the job trains, and `predict` uses its newest weights."""
    job = naive.jobs.create(dataset="tiny", epochs=1000, seed=1)
    next(event for event in job.events() if event.type == "steps")
    saved = job.save()
    assert saved.job_id == job.id
    assert job.predict(DIGIT).job_id == job.id
    job.cancel()


def test_evaluation_and_charts(naive: Client, job: Job, tmp_path: Path) -> None:
    """A checkpoint is evaluated; every chart has Vega-Lite and SVG, and can be saved as PNG."""
    checkpoint = job.checkpoints(limit=1).all()[0]
    evaluation = checkpoint.evaluation()
    assert evaluation.accuracy == job.result.test_accuracy  # type: ignore[union-attr]  # it succeeded
    assert np.sum(evaluation.confusion) == evaluation.samples
    charts = [job.plot(scale_of_loss="log", theme="dark", language="es"), job.plot("accuracy"), job.histograms()]
    charts += [checkpoint.confusion(), checkpoint.units(count=4), checkpoint.histograms(width=400)]
    for chart in charts:
        shown = chart._repr_mimebundle_()
        assert "vega-lite" in shown["application/vnd.vegalite.v6+json"]["$schema"]
        assert shown["image/svg+xml"].lstrip().startswith("<svg")
    assert charts[0].save(tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert charts[0].save(tmp_path / "curve.svg").read_text() == charts[0].svg
    assert json.loads(charts[0].save(tmp_path / "curve.json").read_bytes()) == charts[0].spec
    with pytest.raises(ValueError, match=r"curve\.pdf"):
        charts[0].save(tmp_path / "curve.pdf")


def test_models_and_their_aliases(naive: Client, job: Job) -> None:
    """A checkpoint becomes a version; an alias points at it, guarded by its etag, and is deleted again."""
    version = naive.models.add_version("client", job.result.checkpoint_id)  # type: ignore[union-attr]  # it succeeded
    model = naive.models.get("client")
    assert [each.version for each in model.versions] == [version.version]
    alias = model.set_alias("tested", version, if_match='"0"')
    with pytest.raises(PreconditionFailed):
        model.set_alias("tested", 1, if_match='"0"')
    assert model.refresh().alias("tested") == alias
    assert naive.predict(DIGIT, model="client", alias="tested").version == version.version
    model.delete_alias("tested", if_match=alias.etag)
    assert model.refresh().alias("tested") is None
    assert "client" in {each.name for each in naive.models.list()}
    with pytest.raises(Conflict):
        naive.checkpoints.get(version.checkpoint_id).delete()
    with pytest.raises(Conflict, match="live"):
        model.delete_version(version)
    model.delete()
    with pytest.raises(NotFound):
        model.refresh()


def test_an_address_of_another_server_is_named(naive: Client) -> None:
    """Ids that are no ids cannot reach other routes."""
    for wrong in ("../models", "a/b", "?", "#", "%2e"):
        with pytest.raises(NotFound):
            naive.jobs.get(wrong)


def digits() -> Any:
    """The test images of MNIST; the first is a seven."""
    (_, _), (images, _) = naivenet.datasets.mnist.load_data()
    return images


def test_the_source_is_an_id_or_an_object(naive: Client, job: Job) -> None:
    """A job, a checkpoint, a model or a version predicts like its id, its name or its number."""
    checkpoint = next(iter(job.checkpoints()))
    model = naive.models.get()
    assert naive.predict(DIGIT, job=job) == naive.predict(DIGIT, job=job.id)
    assert naive.predict(DIGIT, checkpoint=checkpoint) == naive.predict(DIGIT, checkpoint=checkpoint.id)
    found = naive.predict(DIGIT, model=model, version=model.versions[-1])
    assert found == naive.predict(DIGIT, model=model.name, version=model.versions[-1].version)


def test_weights_are_downloaded_changed_and_uploaded(naive: Client, job: Job, tmp_path: Path) -> None:
    """The network of the changed weights is that of their checkpoint."""
    checkpoint = next(iter(job.checkpoints()))
    weights = dict(np.load(checkpoint.download(tmp_path, format="npz")))
    np.savez(tmp_path / "changed.npz", **(weights | {"b0": weights["b0"] + 1}))
    changed = naive.checkpoints.upload(tmp_path / "changed.npz", network=checkpoint.network)
    assert changed.network == checkpoint.network
    assert changed.id != checkpoint.id
