"""Checkpoints in a bucket: errors say what to do; a job trains, is watched, and is swept there."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from naivenet import to_safetensors
from service.composition import Services, compose
from service.errors import CorruptCheckpoint, Misconfigured, Unavailable
from service.settings import Settings, load_settings
from service.storage.blobs import PART_BYTES, BlobStore, digest, parts
from service.storage.verified_file import VerifiedFile
from service.training.trainer.sweeper import Sweeper
from tests.object_store import BUCKET, ObjectStore, faulty_proxy
from tests.servers import Server, finished, last_weights, start_job, training
from tests.stored import notebook_weights


@pytest.fixture
def own() -> Iterator[ObjectStore]:
    """An S3 server that the test may stop, lock or empty."""
    store = ObjectStore()
    yield store
    store.stop()


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """The S3 client's retries do not wait."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)


def test_a_bucket_that_is_not_there_is_a_wrong_setting(object_store: ObjectStore) -> None:
    """A missing bucket is an error and is not created: its name may be mistyped."""
    with pytest.raises(Misconfigured, match=r"no such bucket.*NAIVENET_STORAGE_URL"):
        BlobStore(object_store.url("a", bucket="mistyped"), object_store.options())
    buckets = object_store.client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [BUCKET]


def test_wrong_keys_are_a_wrong_setting(own: ObjectStore) -> None:
    """Keys without access are an error; the message lists the permissions that they need."""
    own.lock()
    with pytest.raises(Misconfigured, match=r"denies access: use keys with the right"):
        BlobStore(own.url("a"), own.options())


def test_no_keys_are_a_wrong_setting(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys in the options and in Amazon's variables, access is denied."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Misconfigured, match=r"denies access.*credentials"):
        BlobStore(object_store.url("a"), {"endpoint_url": object_store.endpoint})


def test_amazons_own_variables_are_read(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and endpoint may come from Amazon's variables, without options."""
    for name, value in {
        "ACCESS_KEY_ID": "any-key",
        "SECRET_ACCESS_KEY": "x",
        "ENDPOINT_URL": object_store.endpoint,
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    store = BlobStore(object_store.url("variables"))
    store.write("a", b"b")
    assert object_store.names("variables") == {"a"}


@pytest.mark.usefixtures("no_backoff")
def test_a_store_that_was_unavailable_is_used_again(own: ObjectStore) -> None:
    """While the store is down, calls fail; later they work without a restart. A lost bucket is reported as such."""
    store = BlobStore(own.url("a"), own.options())
    own.stop()
    with pytest.raises(Unavailable, match=r"does not answer.*connect"):
        store.write("a", b"b")
    with pytest.raises(Unavailable, match=r"does not answer.*connect"):
        store.ping()
    own.start()  # without the bucket
    with pytest.raises(Unavailable, match="no such bucket"):
        store.write("a", b"b")
    with pytest.raises(Unavailable, match="no such bucket"):
        store.read("a")
    own.client("s3").create_bucket(Bucket=BUCKET)
    store.write("a", b"b")
    assert store.read("a") == b"b"


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("by", [500, 503, None])
def test_a_call_that_fails_is_retried(object_store: ObjectStore, by: int | None) -> None:
    """Three server errors or broken connections in a row are retried, and the call succeeds."""
    with faulty_proxy(object_store) as (address, proxy):
        store = BlobStore(object_store.url("again"), {**object_store.options(), "endpoint_url": address})
        proxy.asked, proxy.failing, proxy.by = 0, 3, by
        store.write("a", b"b")
        assert proxy.asked == 3 + 1
        assert (store.read("a"), store.failures) == (b"b", 0)


@pytest.mark.usefixtures("no_backoff")
def test_a_call_that_keeps_failing_is_unavailable(object_store: ObjectStore) -> None:
    """After four attempts the store counts as unavailable."""
    with faulty_proxy(object_store) as (address, proxy):
        store = BlobStore(object_store.url("again"), {**object_store.options(), "endpoint_url": address})
        proxy.asked, proxy.failing, proxy.by = 0, 1000, 503
        with pytest.raises(Unavailable, match="does not answer"):
            store.write("a", b"b")
        assert (proxy.asked, store.failures) == (4, 1)


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("nonsense://x", None, "not known: nonsense"),
        ("s3://b/c", "no json", "NAIVENET_STORAGE_OPTIONS: it must be a JSON object, but it is not valid JSON"),
        ("s3://b/c", "[1]", "must be a JSON object"),
        ("s3://b/c", '{"nonsense": 1}', "unexpected keyword argument 'nonsense'"),
    ],
)
def test_wrong_settings_are_named(url: str, options: str | None, message: str, tmp_path: Path) -> None:
    """Wrong settings are refused before anything starts; the message names the setting."""
    with pytest.raises(Misconfigured, match=message):
        compose(load_settings(data_dir=tmp_path, storage_url=url, storage_options=options))


def test_a_download_reads_an_object_once(object_store: ObjectStore, tmp_path: Path) -> None:
    """A whole file is verified while it is read. Parts of it cost one further reading of all of it, and no more."""
    with faulty_proxy(object_store) as (address, proxy):
        store = BlobStore(object_store.url(tmp_path.name), {**object_store.options(), "endpoint_url": address})
        store.write("a", data := bytes(3 * PART_BYTES))
        sent = proxy.sent
        assert read_whole(store, "a", data) == data
        assert proxy.sent - sent == len(data)
        for _ in range(2):
            file = VerifiedFile(store, "a", size=len(data), sha256=digest(data))
            file.prepare(whole=False)
            assert file.read(10, 20) == data[10:20]
        assert proxy.sent - sent == 2 * len(data) + 20
        store.write("a", other := bytes(len(data) - 1) + b"1")
        assert store.digest("a") == digest(other)


def test_a_damaged_object_is_never_whole(object_store: ObjectStore, tmp_path: Path) -> None:
    """Its last piece raises the error. An object that is missing or has another size is one before the first piece."""
    store = BlobStore(object_store.url(tmp_path.name), object_store.options())
    data = bytes(2 * PART_BYTES)
    store.write("a", bytes(len(data) - 1) + b"1")
    file = VerifiedFile(store, "a", size=len(data), sha256=digest(data))
    file.prepare(whole=True)
    assert file.read(0, PART_BYTES) == data[:PART_BYTES]
    with pytest.raises(CorruptCheckpoint, match="'a' is damaged"):
        file.read(PART_BYTES, len(data))
    store.write("a", data[:-1])
    with pytest.raises(CorruptCheckpoint, match="'a' is damaged"):
        read_whole(store, "a", data)
    with pytest.raises(CorruptCheckpoint, match="'b' is missing"):
        read_whole(store, "b", data)


def read_whole(store: BlobStore, name: str, expected: bytes) -> bytes:
    """Return the bytes of a file, read in pieces and compared with the digest of the expected ones."""
    file = VerifiedFile(store, name, size=len(expected), sha256=digest(expected))
    file.prepare(whole=True)
    return b"".join(file.read(first, end) for first, end in parts(0, file.size))


def test_the_sweeper_sweeps_a_bucket(object_store: ObjectStore, tmp_path: Path) -> None:
    """The sweeper moves files in a bucket that no checkpoint refers to into the trash."""
    settings: Settings = load_settings(data_dir=tmp_path, **object_store.settings(tmp_path.name))
    services: Services = compose(settings)
    known = services.weights.upload(io.BytesIO(to_safetensors(notebook_weights())), None, services.limits)
    services.blobs.write("ckpt_unknown.safetensors", b"left by a crash")
    sweeper = Sweeper(services, after_s=4.0)
    assert [sweeper.sweep(now=now) for now in (0.0, 5.0)] == [[], ["ckpt_unknown.safetensors"]]
    (day,) = services.trash.days()
    left = {known.weights_blob, "store-id", f"trash/{day}/ckpt_unknown.safetensors"}
    assert object_store.names(tmp_path.name) == left
    assert services.trash.take_back({"ckpt_unknown"}) == ["ckpt_unknown.safetensors"]
    assert services.blobs.read("ckpt_unknown.safetensors") == b"left by a crash"
    services.blobs.delete_folder("trash")
    services.close()


def test_the_download_of_a_damaged_object_breaks_off(
    object_store: ObjectStore, start_server: Callable[..., Server], tmp_path: Path
) -> None:
    """The connection is closed before the last piece, so that no client takes the file for whole."""
    server = start_server(trainer=False, **object_store.settings(tmp_path.name))
    with server.client() as client:
        checkpoint = client.post("/v1/checkpoints", files={"weights": to_safetensors(notebook_weights())}).json()
        path, name = f"/v1/checkpoints/{checkpoint['id']}/weights", f"{tmp_path.name}/{checkpoint['id']}.safetensors"
        assert len(client.get(path).content) == checkpoint["bytes"]
        object_store.client("s3").put_object(Bucket=BUCKET, Key=name, Body=bytes(checkpoint["bytes"]))
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get(path)
        assert client.get(path, headers={"Range": "bytes=0-9"}).json()["code"] == "corrupt_checkpoint"
        assert client.get("/health/live").status_code == httpx2.codes.OK
    assert "is damaged: its SHA-256 differs" in server.said()


def test_a_job_from_end_to_end(object_store: ObjectStore, start_server: Callable[..., Server], tmp_path: Path) -> None:
    """A job is trained, watched, exported and used for predictions; its files are in the bucket and nowhere else."""
    server = start_server(shipped_network=False, **object_store.settings(tmp_path.name))
    gray = {"pixels": [[0.5] * 28] * 28}
    with server.client() as client:
        long = start_job(client, epochs=200, checkpoint_every_epochs=200)
        training(client, long)
        live = client.post(f"/v1/jobs/{long}/predict", json=gray)
        assert live.status_code == httpx2.codes.OK, live.text
        client.post(f"/v1/jobs/{long}/cancel").raise_for_status()
        job = finished(client, start_job(client, epochs=2))
        assert job["status"] == "succeeded", job["error"]
        checkpoint = job["result"]["checkpoint_id"]
        assert client.get(f"/v1/checkpoints/{checkpoint}/weights", params={"format": "onnx"}).content
        assert client.post("/v1/predict", json=gray).json()["checkpoint_id"] == checkpoint
        assert len(last_weights(client, job["id"])) > 1_000_000
        assert finished(client, long)["status"] == "cancelled"
    names = object_store.names(tmp_path.name)
    assert names >= {f"{checkpoint}.safetensors", f"{checkpoint}.state.safetensors"}
    assert not (server.data_dir / "checkpoints").exists()
