"""Checkpoints in a bucket: what is wrong is told with what to do, and a job trains, is watched and swept there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from service.composition import Services, compose
from service.errors import Misconfigured, Unavailable
from service.settings import Settings, load_settings
from service.storage.blobs import BlobStore
from service.training.trainer.sweeper import Sweeper
from tests.object_store import BUCKET, ObjectStore, trouble
from tests.servers import Server, finished, last_weights, start_job, training


@pytest.fixture
def own() -> Iterator[ObjectStore]:
    """A server that the test may stop, lock or empty."""
    store = ObjectStore()
    yield store
    store.stop()


def test_a_bucket_that_is_not_there_is_a_wrong_setting(object_store: ObjectStore) -> None:
    """None is made: the name may be mistyped."""
    with pytest.raises(Misconfigured, match=r"no such bucket.*NAIVENET_STORAGE_URL"):
        BlobStore(object_store.url("a", bucket="mistyped"), object_store.options())
    buckets = object_store.client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [BUCKET]


def test_wrong_keys_are_a_wrong_setting(own: ObjectStore) -> None:
    """The text says what keys must be allowed to do."""
    own.lock()
    with pytest.raises(Misconfigured, match=r"refuses us: give right keys"):
        BlobStore(own.url("a"), own.options())


def test_no_keys_are_a_wrong_setting(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the options nor in the variables that Amazon's own tools read."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Misconfigured, match=r"refuses us.*credentials"):
        BlobStore(object_store.url("a"), {"endpoint_url": object_store.endpoint})


def test_amazons_own_variables_will_do(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and endpoint, without any option of ours."""
    for name, value in {
        "ACCESS_KEY_ID": "anybody",
        "SECRET_ACCESS_KEY": "x",
        "ENDPOINT_URL": object_store.endpoint,
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    store = BlobStore(object_store.url("variables"))
    store.write("a", b"b")
    assert object_store.names("variables") == {"a"}


def test_a_store_that_is_away_is_told_and_found_again(own: ObjectStore) -> None:
    """Nothing hangs, nothing has to be started again; a bucket that went with it is told as such."""
    store = BlobStore(own.url("a"), own.options())
    own.stop()
    with pytest.raises(Unavailable, match=r"does not answer.*connect"):
        store.write("a", b"b")
    with pytest.raises(Unavailable, match=r"does not answer.*connect"):
        store.ping()
    own.start()  # as empty as it began
    with pytest.raises(Unavailable, match="no such bucket"):
        store.write("a", b"b")
    with pytest.raises(Unavailable, match="no such bucket"):
        store.read("a")
    own.client("s3").create_bucket(Bucket=BUCKET)
    store.write("a", b"b")
    assert store.read("a") == b"b"


@pytest.mark.parametrize("by", [500, 503, None])
def test_what_fails_now_and_then_is_tried_again(object_store: ObjectStore, by: int | None) -> None:
    """An error of the server, or a connection that breaks, three times in a row: nobody is told of it."""
    with trouble(object_store) as (address, maker):
        store = BlobStore(object_store.url("again"), {**object_store.options(), "endpoint_url": address})
        maker.asked, maker.failing, maker.by = 0, 3, by
        store.write("a", b"b")
        assert maker.asked == 3 + 1
        assert (store.read("a"), store.failures) == (b"b", 0)


def test_what_fails_for_good_is_told(object_store: ObjectStore) -> None:
    """After four tries, as a store that does not answer."""
    with trouble(object_store) as (address, maker):
        store = BlobStore(object_store.url("again"), {**object_store.options(), "endpoint_url": address})
        maker.asked, maker.failing, maker.by = 0, 1000, 503
        with pytest.raises(Unavailable, match="does not answer"):
            store.write("a", b"b")
        assert (maker.asked, store.failures) == (4, 1)


@pytest.mark.parametrize(
    ("url", "options", "told"),
    [
        ("nonsense://x", None, "not known: nonsense"),
        ("s3://b/c", "no json", "NAIVENET_STORAGE_OPTIONS: it must be a JSON object, but it is not valid JSON"),
        ("s3://b/c", "[1]", "must be a JSON object"),
        ("s3://b/c", '{"nonsense": 1}', "unexpected keyword argument 'nonsense'"),
    ],
)
def test_wrong_settings_are_named(url: str, options: str | None, told: str, tmp_path: Path) -> None:
    """Before anything starts."""
    with pytest.raises(Misconfigured, match=told):
        compose(load_settings(data_dir=tmp_path, storage_url=url, storage_options=options))


def test_the_sweeper_sweeps_a_bucket(object_store: ObjectStore, tmp_path: Path) -> None:
    """What no checkpoint speaks of goes."""
    settings: Settings = load_settings(data_dir=tmp_path, **object_store.settings(tmp_path.name))
    services: Services = compose(settings)
    services.blobs.write("ckpt_unknown.safetensors", b"left by a crash")
    sweeper = Sweeper(services.blobs, services.checkpoints, after_s=4.0)
    assert [sweeper.sweep(now=now) for now in (0.0, 5.0)] == [[], ["ckpt_unknown.safetensors"]]
    assert object_store.names(tmp_path.name) == set()
    services.close()


def test_a_job_from_end_to_end(object_store: ObjectStore, start_server: Callable[..., Server], tmp_path: Path) -> None:
    """Trained, watched while it trains, exported and answered with; its bytes lie in the bucket and nowhere else."""
    server = start_server(**object_store.settings(tmp_path.name))
    zeros = {"pixels": [[0.5] * 28] * 28}
    with server.client() as client:
        long = start_job(client, epochs=200, checkpoint_every_epochs=200)
        training(client, long)
        live = client.post(f"/v1/jobs/{long}/predict", json=zeros)
        assert live.status_code == httpx.codes.OK, live.text
        client.post(f"/v1/jobs/{long}/cancel").raise_for_status()
        job = finished(client, start_job(client, epochs=2))
        assert job["status"] == "succeeded", job["error"]
        checkpoint = job["result"]["checkpoint_id"]
        assert client.get(f"/v1/checkpoints/{checkpoint}/weights", params={"format": "onnx"}).content
        assert client.post("/v1/predict", json=zeros).json()["checkpoint_id"] == checkpoint
        assert len(last_weights(client, job["id"])) > 1_000_000
        assert finished(client, long)["status"] == "cancelled"
    names = object_store.names(tmp_path.name)
    assert names >= {f"{checkpoint}.safetensors", f"{checkpoint}.state.safetensors"}
    assert not (server.data_dir / "checkpoints").exists()
