"""docs/reference/events.md lists the fields of every type of event, as real jobs write them."""

import json
import re
from collections import defaultdict
from typing import Any

import httpx2
from pydantic import TypeAdapter

from service.api.schemas.events import EventOut
from service.domain.event import EventType
from tests.pages import ROOT, blocks
from tests.servers import OVERFLOWING, Json, finished, job_where, start_job

EVENTS: TypeAdapter[Any] = TypeAdapter(EventOut)

PAGE = ROOT / "docs" / "reference" / "events.md"


def documented() -> dict[str, set[str]]:
    """The fields of each type in the page's table."""
    fields: dict[str, set[str]] = defaultdict(set)
    kind = ""
    for first, names in re.findall(r"^\| (`\w+`|) ?\| ([^|]*) \|", PAGE.read_text(), re.MULTILINE):
        kind = first.strip("`") or kind
        fields[kind] |= set(re.findall(r"`(\w+)`", names))
    return fields


def changed_job(client: httpx2.Client) -> Json:
    """A job whose learning rate changed while it trained."""
    job_id = start_job(client, epochs=400)
    job_where(client, job_id, lambda job: job["progress"]["step"] > 0)
    client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.01}}).raise_for_status()
    job_where(client, job_id, lambda _: "change" in written(client, job_id))
    client.post(f"/v1/jobs/{job_id}/cancel")
    return finished(client, job_id)


def written(client: httpx2.Client, job_id: str) -> dict[str, set[str]]:
    """The fields of each type in a job's log."""
    fields: dict[str, set[str]] = defaultdict(set)
    for event in client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000}).json()["data"]:
        fields[event["type"]] |= set(event["data"]) - {"nonfinite"}
    return fields


def described() -> dict[str, set[str]]:
    """The fields of each type in the OpenAPI document."""
    definitions = EVENTS.json_schema(mode="serialization")["$defs"]
    kinds = {name: each["properties"] for name, each in definitions.items() if name.endswith("EventOut")}
    data = {each["type"]["const"]: each["data"]["$ref"].rpartition("/")[2] for each in kinds.values()}
    return {kind: set(definitions[name]["properties"]) - {"nonfinite"} for kind, name in data.items()}


def test_every_field_is_documented(client: httpx2.Client, trained: Json) -> None:
    """Page and document have exactly the types and fields in the logs of real jobs: trained, failed and changed."""
    failed = finished(client, start_job(client, **OVERFLOWING))
    fields: dict[str, set[str]] = defaultdict(set)
    for job in (trained, failed, changed_job(client)):
        for kind, names in written(client, job["id"]).items():
            fields[kind] |= names
    fields["checkpoint"].add("automatic")  # only in jobs whose epochs last for a minute
    assert fields == described()
    assert fields.keys() == set(EventType)
    assert fields == documented()


def test_the_example_is_an_event() -> None:
    """The page's example has the fields of an event in an answer, and no other."""
    (example,) = (block.text for block in blocks(PAGE) if block.kind == "json")
    event = EVENTS.validate_json(example)
    assert json.loads(example).keys() == type(event).model_fields.keys()
