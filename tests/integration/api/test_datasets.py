"""Datasets over HTTP: collect pictures with labels, correct them, and see what each version has."""

import base64
import io
from collections.abc import Iterator

import httpx2
import numpy as np
import pytest
from PIL import Image

import naivenet
from service.domain.ids import new_id
from tests.integration.api.labelled import ROWS, added
from tests.integration.api.refusals import problem
from tests.servers import Json


def picture(form: str = "PNG", side: int = 28, *, exif: bytes | None = None) -> bytes:
    """A picture of a one, light on dark, in a file of this form."""
    grey = np.kron(np.array(ROWS, np.uint8), np.ones((side // 28, side // 28), np.uint8))
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, form, **({"exif": exif} if exif else {}))
    return stream.getvalue()


def encoded(data: bytes) -> str:
    """The base64 of a picture."""
    return base64.b64encode(data).decode()


def pixels(png: str) -> list[list[int]]:
    """The pixels of a PNG in a data URL."""
    data = base64.b64decode(png.removeprefix("data:image/png;base64,"))
    rows: list[list[int]] = np.asarray(Image.open(io.BytesIO(data))).tolist()
    return rows


@pytest.fixture
def mine(client: httpx2.Client) -> Iterator[str]:
    """The path of an empty dataset, which is deleted after the test; each has a name of its own."""
    path = f"/v1/datasets/{new_id('mine')}"
    made = client.post("/v1/datasets", json={"name": path.rpartition("/")[2]})
    assert made.status_code == 201, made.text
    assert made.headers["location"] == path
    yield path
    assert client.delete(path).status_code in {204, 404}


def test_a_picture_becomes_a_sample(client: httpx2.Client, trained: Json, mine: str) -> None:  # `trained` predicts
    """It is prepared as predictions are, counted, and its original kept byte for byte."""
    sent = picture("JPEG", 280)
    answer = client.post(f"{mine}/samples", json={"label": 1, "image": encoded(sent)})
    [sample], dataset = answer.json()["data"], answer.json()["dataset"]
    assert answer.headers["location"] == sample["links"]["self"] == f"{mine}/samples/{sample['id']}"
    predicted = client.post("/v1/predict?trace=true", content=sent, headers={"Content-Type": "image/jpeg"})
    assert sample["png"] == predicted.json()["trace"]
    assert (sample["label"], sample["split"], sample["input"]["width"]) == (1, "train", 280)
    assert (dataset["version"], dataset["train"]["counts"][1], dataset["test"]["samples"]) == (2, 1, 0)
    original = client.get(sample["links"]["original"])
    assert (original.content, original.headers["content-type"]) == (sent, "image/jpeg")
    assert client.get(sample["links"]["self"]).json() == sample


def test_pixels_and_several_at_once(client: httpx2.Client, mine: str) -> None:
    """A list makes one version; a sample of pixels has no original."""
    body = [{"label": 1, "pixels": ROWS}, {"label": 7, "image": encoded(picture()), "split": "test"}]
    answer = added(client, mine, samples=body)
    assert [each["split"] for each in answer["data"]] == ["train", "test"]
    assert all(pixels(each["png"]) == ROWS for each in answer["data"])
    assert answer["data"][0]["original"] is None
    problem(client.get(f"{mine}/samples/{answer['data'][0]['id']}/original"), 404)
    assert (answer["dataset"]["version"], answer["dataset"]["test"]["counts"][7]) == (2, 1)


def test_a_picture_is_found_by_its_index(client: httpx2.Client, mine: str) -> None:
    """A picture of an uploaded dataset has its label at each version, and of MNIST those of the library."""
    turned = np.array(ROWS)[::-1].tolist()
    added(client, mine, samples=[{"label": 1, "pixels": ROWS}, {"label": 7, "pixels": turned, "split": "test"}])
    found = client.get(f"{mine}/images/0").json()
    assert (found["label"], found["split"], found["index"], found["version"]) == (7, "test", 0, 2)
    assert pixels(found["png"]) == turned
    assert client.get(f"{mine}/images/0?split=train").json()["label"] == 1
    problem(client.get(f"{mine}/images/1"), 404)
    problem(client.get(f"{mine}/images/0?version=1"), 404)
    problem(client.get(f"{mine}/images/-1"), 422)
    mnist = naivenet.datasets.load()
    first = client.get("/v1/datasets/mnist/images/9999")
    assert (first.json()["label"], pixels(first.json()["png"])) == (mnist.y_test[9999], mnist.x_test[9999].tolist())
    again = client.get("/v1/datasets/mnist/images/9999", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_files_of_a_form(client: httpx2.Client, mine: str) -> None:
    """Each file has a label, or one label is for all."""
    files = [("file", ("a.png", picture())), ("file", ("b.webp", picture("WEBP", 56)))]
    answer = client.post(f"{mine}/samples", files=files, data={"label": ["3", "4"], "split": "test"})
    assert [(each["label"], each["split"]) for each in answer.json()["data"]] == [(3, "test"), (4, "test")]
    assert [each["original"]["media_type"] for each in answer.json()["data"]] == ["image/png", "image/webp"]
    answer = client.post(f"{mine}/samples", files=files, data={"label": "5"})
    assert [each["label"] for each in answer.json()["data"]] == [5, 5]


def test_exif_turns_only_the_prepared_picture(client: httpx2.Client, mine: str) -> None:
    """The original keeps its orientation tag; the sample is upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    sent = picture("JPEG", 280, exif=exif.tobytes())
    [turned], [upright] = (
        added(client, mine, label=1, image=encoded(each))["data"] for each in (sent, picture("JPEG", 280))
    )
    assert client.get(turned["links"]["original"]).content == sent
    assert turned["png"] != upright["png"]


def test_a_label_is_corrected_and_a_sample_removed(client: httpx2.Client, mine: str) -> None:
    """Each makes a version; the counts and the digest are those of the version."""
    [first], [second] = (added(client, mine, label=1, pixels=ROWS)["data"] for _ in range(2))
    changed = client.patch(f"{mine}/samples/{first['id']}", json={"label": 7, "split": "test"}).json()
    assert (changed["id"], changed["label"], changed["split"]) == (first["id"], 7, "test")
    assert client.delete(f"{mine}/samples/{second['id']}").status_code == 204
    problem(client.get(f"{mine}/samples/{second['id']}"), 404)
    versions = client.get(f"{mine}/versions").json()["data"]
    assert [(each["version"], each["train"]["samples"], each["test"]["samples"]) for each in versions] == [
        (5, 0, 1),
        (4, 1, 1),
        (3, 2, 0),
        (2, 1, 0),
        (1, 0, 0),
    ]
    at = [client.get(mine, params={"version": number}).json() for number in range(5, 0, -1)]
    assert [(each["version"], each["versions"]) for each in at] == [(number, 5) for number in range(5, 0, -1)]
    digests = [each["digest"] for each in client.get(f"{mine}/versions").json()["data"]]
    assert digests == [each["digest"] for each in at]
    assert len(set(digests) - {None}) == 5


def test_samples_are_listed(client: httpx2.Client, mine: str) -> None:
    """Newest first, by pages, and by label and split."""
    ids = [added(client, mine, label=label, pixels=ROWS)["data"][0]["id"] for label in (1, 7, 1)]
    assert [each["id"] for each in client.get(f"{mine}/samples").json()["data"]] == ids[::-1]
    page = client.get(f"{mine}/samples", params={"limit": 2}).json()
    assert page["has_more"]
    rest = client.get(f"{mine}/samples", params={"after": page["next_after"]}).json()
    assert [each["id"] for each in rest["data"]] == ids[:1]
    ones = client.get(f"{mine}/samples", params={"label": 1, "split": "train"}).json()["data"]
    assert [each["id"] for each in ones] == [ids[2], ids[0]]
    assert client.get(f"{mine}/samples", params={"split": "test"}).json()["data"] == []


def test_all_datasets_are_listed(client: httpx2.Client, mine: str) -> None:
    """MNIST, files of the operator, and uploaded ones; a list that has not changed is a 304."""
    answer = client.get("/v1/datasets")
    found = {each["name"]: each for each in answer.json()["data"]}
    sources = {mine.rpartition("/")[2]: "uploaded", "mnist": "built_in", "tiny": "folder"}
    assert {name: found[name]["source"] for name in sources} == sources
    assert (found["mnist"]["train"]["samples"], found["mnist"]["version"]) == (60_000, None)
    assert client.get("/v1/datasets", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get("/v1/datasets/tiny").json() == found["tiny"]
    assert client.get("/v1/datasets/tiny/samples").json()["data"] == []
    assert client.get("/v1/datasets/mnist/versions").json()["data"] == []


def test_a_repeated_request_adds_nothing(client: httpx2.Client, mine: str) -> None:
    """The same idempotency key returns the first samples; with another picture it is a conflict."""
    headers = {"Idempotency-Key": mine}
    body = {"label": 1, "pixels": ROWS}
    first, again = (client.post(f"{mine}/samples", json=body, headers=headers).json() for _ in range(2))
    assert first["data"] == again["data"]
    assert client.get(mine).json()["version"] == 2
    found = problem(client.post(f"{mine}/samples", json=body | {"label": 2}, headers=headers), 409)
    assert found["code"] == "idempotency_conflict"


@pytest.mark.parametrize("name", ["mnist", "tiny"])
def test_other_datasets_are_read_only(client: httpx2.Client, name: str) -> None:
    """MNIST and files of the operator cannot be made, filled or deleted; the reason is in the answer."""
    for answer in (
        client.post("/v1/datasets", json={"name": name}),
        client.post(f"/v1/datasets/{name}/samples", json={"label": 1, "pixels": ROWS}),
        client.delete(f"/v1/datasets/{name}"),
        client.delete(f"/v1/datasets/{name}/samples/smp_none"),
    ):
        assert "with the service" in problem(answer, 409)["detail"] or "operator's folder" in answer.text


@pytest.mark.parametrize(
    ("body", "pointer", "fault"),
    [
        ({"pixels": ROWS}, "/label", "missing"),
        ({"label": 10, "pixels": ROWS}, "/label", "from 0 to 9, not 10"),
        ({"label": True, "pixels": ROWS}, "/label", "from 0 to 9"),
        ({"label": "one", "pixels": ROWS}, "/label", "not 'one'"),
        ({"label": 1.0, "pixels": ROWS}, "/label", "not 1.0"),
        ({"label": 1}, "", "either `image` or `pixels`"),
        ({"label": 1, "pixels": ROWS, "image": "AA=="}, "", "either `image` or `pixels`"),
        ({"label": 1, "pixels": ROWS, "split": "val"}, "/split", "`train` or `test`"),
        ({"label": 1, "pixels": ROWS, "colour": 3}, "/colour", "Unknown field"),
        ({"label": 1, "image": encoded(b"no picture")}, "/image", "not an image"),
        ({"label": 1, "image": 7}, "/image", "must be base64"),
        ({"samples": []}, "/samples", "at least one"),
        ({"samples": [{"label": 1, "pixels": ROWS}, {"label": 1, "pixels": [1]}]}, "/samples/1/pixels", "28"),
        ({"samples": [7]}, "/samples/0", "must be"),
    ],
    ids=[
        "no-label", "ten", "boolean", "word", "fraction", "no-picture", "both", "split", "unknown", "text-as-picture",
        "number-as-picture", "none", "second", "no-object",
    ],
)  # fmt: skip
def test_a_wrong_sample_is_refused(client: httpx2.Client, mine: str, body: Json, pointer: str, fault: str) -> None:
    """The error names the place, and nothing is added."""
    found = problem(client.post(f"{mine}/samples", json=body), 422, pointer)
    assert fault in found["detail"]
    assert client.get(mine).json()["version"] == 1


@pytest.mark.parametrize(
    ("fields", "files", "pointer"),
    [
        ({"label": "1"}, 0, "/file"),
        ({}, 1, "/label"),
        ({"label": ["1", "2"]}, 3, "/label"),
        ({"label": "1", "split": "no"}, 1, "/split"),
        ({"label": "1", "lable": "1"}, 1, "/lable"),
    ],
    ids=["no-file", "no-label", "too-few", "split", "unknown"],
)
def test_a_wrong_form_is_refused(
    client: httpx2.Client, mine: str, fields: dict[str, str], files: int, pointer: str
) -> None:
    """A form without a file or a label, or with too few labels, or with an unknown field."""
    sent = [("file", ("a.png", picture()))] * files or [("label", (None, b"1"))]
    problem(client.post(f"{mine}/samples", files=sent, data=fields if files else {}), 422, pointer)


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "../x"}, {"name": "a" * 65}, {"name": "ä"}, {"name": 7}, {"name": "x", "size": 1}],
    ids=["none", "empty", "path", "long", "umlaut", "number", "unknown"],
)
def test_a_wrong_name_is_refused(client: httpx2.Client, body: Json) -> None:
    """A name is as those of jobs' datasets are."""
    problem(client.post("/v1/datasets", json=body), 422, "/size" if "size" in body else "/name")


def test_a_second_dataset_of_a_name_is_a_conflict(client: httpx2.Client, mine: str) -> None:
    """The text says what to do instead."""
    assert (
        "add pictures to it"
        in problem(client.post("/v1/datasets", json={"name": mine.rpartition("/")[2]}), 409)["detail"]
    )


@pytest.mark.parametrize("path", ["", "/versions", "/samples", "/samples/smp_none"])
def test_what_does_not_exist_is_a_404(client: httpx2.Client, path: str) -> None:
    """A dataset, its versions and its samples."""
    problem(client.get(f"/v1/datasets/nowhere{path}"), 404)
    problem(client.get("/v1/datasets/mnist", params={"version": 3}), 404)


def test_a_deleted_dataset_is_gone(client: httpx2.Client, mine: str) -> None:
    """With its samples and their originals."""
    [sample] = added(client, mine, label=1, image=encoded(picture()))["data"]
    assert client.delete(mine).status_code == 204
    problem(client.get(mine), 404)
    problem(client.get(sample["links"]["original"]), 404)
