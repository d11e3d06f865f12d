"""The OpenAPI document: what generators and linters of it rely on, and bodies as the service merges them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.api.app import create_app
from service.domain.config import ConfigLimits, resolve
from service.errors import InvalidInput
from service.settings import Settings
from tests.servers import Json

LIMITS = ConfigLimits(max_epochs=100, max_layers=8, max_units=1024)

#: Bodies of new jobs that the service takes, and others that it refuses.
PARTIAL: list[Json] = [
    {},
    {"preset": "accurate"},
    {"optimizer": {"learning_rate": 0.1}},
    {"optimizer": {"learning_rate": 0.1, "nesterov": True, "momentum": 0.9}},
    {"optimizer": {"name": "adam"}},
    {"network": {}},
    {"network": {"layers": [{"units": 10, "activation": "softmax"}]}},
    {"early_stopping": {"monitor": "test_loss"}},
    {"schedule": {"name": "cosine"}},
    {"metadata": {"course": "spring"}},
    {"seed": None, "schedule": None, "early_stopping": None},
]
REFUSED: list[Json] = [
    {"optimizer": {"beta_1": 0.5}},
    {"optimizer": {"name": "adam", "momentum": 0.5}},
    {"optimizer": {"name": "nope"}},
    {"network": {"layers": [{"units": 10}]}},
    {"network": {"layers": []}},
    {"schedule": {"final": 0.5}},
    {"metadata": {"course": 1}},
    {"metadata": {'a"b': "c"}},
    {"epocs": 1},
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The document of an application that never starts."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("document") / "data")).openapi()


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each operation with its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def validator(document: Json, schema: Json) -> Draft202012Validator:
    """A validator of a schema in the document."""
    return Draft202012Validator(schema | {"components": document["components"]})


def named(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("body", PARTIAL, ids=json.dumps)
def test_a_partial_body_is_valid(document: Json, body: Json) -> None:
    """What the service merges over a preset is valid by the schema of a new job, and by that of a fork."""
    resolve(body, LIMITS)
    for name in ("JobIn", "ForkIn"):
        validator(document, named(name)).validate(body)


@pytest.mark.parametrize("body", REFUSED, ids=json.dumps)
def test_what_the_service_refuses_is_invalid(document: Json, body: Json) -> None:
    """A body that the service refuses is not valid by the schema of a new job."""
    with pytest.raises(InvalidInput):
        resolve(body, LIMITS)
    assert not validator(document, named("JobIn")).is_valid(body)


def test_a_fork_changes_what_its_parent_has(document: Json) -> None:
    """A fork's optimizer and schedule may be any of its parent's fields, without their names."""
    body = {"optimizer": {"beta_1": 0.5}, "schedule": {"final": 0.5}}
    base = {
        **resolve({}, LIMITS).model_dump(mode="json"),
        "optimizer": {"name": "adam"},
        "schedule": {"name": "cosine"},
    }
    resolve(body, LIMITS, base=base)
    validator(document, named("ForkIn")).validate(body)


def test_the_examples_of_bodies_are_valid(document: Json) -> None:
    """Each example of a JSON body is valid by the body's schema."""
    checked = 0
    for _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = [each["value"] for each in content.get("examples", {}).values()]
        for example in examples + [content[key] for key in ("example",) if key in content]:
            validator(document, content["schema"]).validate(example)
            checked += 1
    assert checked > 10


def test_an_answer_has_all_its_fields(document: Json) -> None:
    """Of a job's answer every field is required, so that typed clients need no check for an absent one."""
    schemas = document["components"]["schemas"]
    for name in ("JobOut", "JobConfig", "Network", "Layer", "SGD", "CheckpointOut", "VersionOut", "OwnKeyOut"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name


def test_no_schema_has_a_default(document: Json) -> None:
    """A default is part of a description: generators make the field required, or leave out the operation."""
    for schema in document["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            assert "default" not in field


def test_each_operation_has_one_described_tag(document: Json) -> None:
    """Generators make a module of each tag."""
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    for name, operation in operations(document):
        assert len(operation["tags"]) == 1, name
        assert set(operation["tags"]) <= described, name


def test_operation_ids_are_short(document: Json) -> None:
    """They become the names of functions: `create_job`."""
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert {"create_job", "list_jobs", "stream_events", "predict_file", "oip_infer", "tfs_predict_live"} <= set(ids)
    assert max(map(len, ids)) <= 30


@pytest.mark.parametrize(
    ("operation_id", "statuses"),
    [
        ("create_job", {"400", "401", "403", "409", "413", "415", "422", "429", "503"}),
        ("get_job", {"401", "403", "404", "422", "429", "503"}),
        ("update_job", {"400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "503"}),
        ("live", {"422"}),
    ],
)
def test_errors_are_listed_by_status(document: Json, operation_id: str, statuses: set[str]) -> None:
    """Each operation lists the statuses of its errors, as problem documents."""
    operation = next(each for _, each in operations(document) if each["operationId"] == operation_id)
    listed = {status: each for status, each in operation["responses"].items() if status[0] in "45"}
    assert set(listed) == statuses
    for response in listed.values():
        described = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        assert described["content"]["application/problem+json"]["schema"] == named("Problem")


def test_the_document_names_its_address_and_licence(document: Json) -> None:
    """A relative address: that of the service which publishes the document."""
    assert [each["url"] for each in document["servers"]] == ["/"]
    assert document["info"]["license"]["identifier"] == "MIT"


def test_metadata_is_a_deep_object(document: Json) -> None:
    """``?metadata[course]=spring`` filters the list of jobs."""
    parameters = {each["name"]: each for each in document["paths"]["/v1/jobs"]["get"]["parameters"]}
    assert (parameters["metadata"]["style"], parameters["metadata"]["explode"]) == ("deepObject", True)


@pytest.mark.parametrize(("path", "is_needed"), [("/v1/jobs", False), ("/v1/webhooks", True)])
def test_a_body_is_required_where_a_field_is(document: Json, path: str, *, is_needed: bool) -> None:
    """The service reads an empty body as ``{}``."""
    assert document["paths"][path]["post"]["requestBody"]["required"] is is_needed


def test_an_old_name_is_listed_as_deprecated(document: Json) -> None:
    """``?validate_only=true`` goes on working, and generated clients are warned."""
    parameters = {each["name"]: each for each in document["paths"]["/v1/jobs"]["post"]["parameters"]}
    assert parameters["validate_only"]["deprecated"] is True


def test_an_application_makes_its_document_once(tmp_path: Path) -> None:
    """It is the same object at each request."""
    app = create_app(Settings(data_dir=tmp_path / "data"))
    assert app.openapi() is app.openapi()
