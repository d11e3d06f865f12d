"""The published OpenAPI document is the recorded contract: nothing but its prose changes unnoticed."""

import difflib

import httpx2

from tests.compatibility.openapi import FILE, as_text, contract

LINES_SHOWN = 200


def test_the_contract_is_the_recorded_one(client: httpx2.Client) -> None:
    """Paths, operation ids, parameters, schemas and their names, status codes, scopes and examples are as recorded."""
    recorded = FILE.read_text(encoding="utf-8").splitlines()
    published = as_text(contract(client.get("/openapi.json").json())).splitlines()
    difference = list(difflib.unified_diff(recorded, published, "recorded", "published", lineterm="", n=6))
    renew = "meant to change? python -m tests.compatibility.openapi --write"
    assert not difference, "\n".join([*difference[:LINES_SHOWN], renew])


def test_a_sentence_is_prose_and_a_field_is_not() -> None:
    """A rewritten description makes no difference; a field that is called so, an enum or a schema's name does."""
    schema = {"title": "Job", "properties": {"description": {"type": "string", "description": "Why."}}, "enum": ["a"]}
    example = {"application/json": {"example": {"status": 404, "detail": "There is none.", "id": "job_1"}}}
    document = {"info": {"title": "naivenet", "version": "1"}, "components": {"Job": schema}, "content": example}
    assert contract(document) == {
        "info": {"title": "naivenet"},
        "components": {"Job": {"title": "Job", "properties": {"description": {"type": "string"}}, "enum": ["a"]}},
        "content": {"application/json": {"example": {"status": 404, "detail": "(prose)", "id": "job_1"}}},
    }
