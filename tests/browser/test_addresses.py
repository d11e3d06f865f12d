"""Addresses that carry a job's configuration."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import Visit

MODULE = 'await import(new URL("page/net/configuration_address.js", document.baseURI))'

#: Bodies of jobs: each kind of value that a form has, and text that looks like another kind.
BODIES: Mapping[str, dict[str, Any]] = {
    "preset": {"preset": "robust"},
    "numbers": {"preset": "accurate", "epochs": 3, "optimizer": {"learning_rate": 1e-7}, "shuffle": False, "seed": 0},
    "precision": {"preset": "accurate", "precision": "bfloat16"},
    "lists": {"preset": "accurate", "optimizer": {"learning_rate": [0.01, 0.1]}, "batch_size": [32, 64]},
    "nothing": {"preset": "robust", "augment": None, "schedule": None},
    "choices": {
        "preset": "notebook",
        "optimizer": {"name": "adagrad", "learning_rate": 0.3, "initial_accumulator_value": 0.2, "epsilon": 1e-7},
        "schedule": {"name": "step", "factor": 0.5, "every_epochs": 2, "warmup_steps": 0, "warmup_epochs": 0},
        "early_stopping": {"monitor": "test_loss", "patience": 2},
    },
    "layers": {
        "preset": "accurate",
        "network": {
            "layers": [
                {"units": [16, 64], "activation": "tanh", "initializer": {"name": "constant", "value": 0.25}},
                {"units": 32, "activation": "relu", "initializer": {"name": "he_normal"}},
                {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
            ]
        },
    },
    "mix": {"preset": "accurate", "datasets": [{"name": "mnist", "version": None, "weight": 0.5}]},
    "text": {"preset": "accurate", "name": 'a & b=c#d;"e" 50%+ ñ', "init_from": "job_1/2", "epochs": "0x10"},
    "text like a number": {"preset": "accurate", "name": "5", "metadata": {"a/b~c": "null", "empty": ""}},
}


@pytest.fixture(scope="module")
def options(api: httpx2.Client) -> Any:
    """What the form offers."""
    return api.get("/v1/options").json()


def read(page: Page, address: str, options: Any) -> dict[str, Any]:
    """Return what the page reads from an address; its `body` is the request body of the configuration."""
    script = f"""async ([address, options]) => {{
      const reading = ({MODULE}).configurationIn(address, options);
      const {{ requestBody }} = await import(new URL("page/net/configuration.js", document.baseURI));
      return {{ ...reading, body: requestBody(reading.config, options.presets) }};
    }}"""
    found: dict[str, Any] = page.evaluate(script, [address, options])
    return found


def test_an_address_has_every_field_of_a_body(visit: Visit, options: Any) -> None:
    """The address of a body gives the same body again, and consists of names, pointers and plain values."""
    page = visit.to("train")
    for name, body in BODIES.items():
        address = page.evaluate(f"async (body) => ({MODULE}).addressOf('train', body)", body)
        found = read(page, address, options)
        assert found["ignored"] == [], name
        assert {"preset": "notebook"} | found["body"] == body, name
    rate = page.evaluate(f"async (body) => ({MODULE}).addressOf('learn', body)", BODIES["lists"])
    assert rate == "#/learn?preset=accurate&/optimizer/learning_rate=0.01;0.1&batch_size=32;64"


def test_a_link_changes_one_field(visit: Visit, options: Any) -> None:
    """A pointer into the layers changes that layer only; another optimizer starts from its suggested values."""
    page = visit.to("train")
    found = read(page, "#/learn?preset=accurate&/network/layers/0/units=64&optimizer=adam", options)
    assert [layer["units"] for layer in found["config"]["network"]["layers"]] == [64, 10]
    adam = next(each for each in options["optimizers"] if each["name"] == "adam")
    assert found["config"]["optimizer"]["learning_rate"] == adam["suggested"]["learning_rate"]


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("preset=none&shuffle=3&foo=1", ["preset", "shuffle", "foo"]),
        ("precision=float16", ["precision"]),
        ("name=%E0%A4%A&epochs", ["name=%E0%A4%A", "epochs"]),
        ("/optimizer/name=none&/optimizer/learning_rate=3", ["/optimizer"]),
        ("/network/layers/7/units=1&/network/layers/0/activation=none", ["/network/layers/7"]),
        ("__proto__=1&/constructor/x=1&dataset=none&network=3", ["__proto__", "constructor", "dataset"]),
    ],
)
def test_what_an_address_cannot_have_is_ignored(visit: Visit, options: Any, query: str, ignored: list[str]) -> None:
    """Unknown and broken parts are listed, and change nothing."""
    found = read(visit.to("train"), f"#/train?{query}", options)
    assert set(ignored) <= set(found["ignored"])
    assert json.dumps(found["body"]) == "{}"


@pytest.mark.parametrize("address", ["look/..%2f..", "watch/%E0%A4%A", "experiment/a%3Fb", "draw/job:..", "runs/../v1"])
def test_an_address_that_names_nothing_asks_the_service_for_nothing(visit: Visit, address: str) -> None:
    """The ids in an address become parts of the API's paths, so that no other characters are let through."""
    page = visit.to(address)
    expect(page.locator("h1")).to_have_text("There is no such page")
    assert [url for url in visit.requests if "/v1/" in url] == []


def test_names_with_dots_are_addresses(visit: Visit) -> None:
    """A model may have a dot in its name."""
    read = f"async (texts) => {{ const {{ readableArgument }} = {MODULE}; return texts.map(readableArgument); }}"
    texts = ["my.model@2", "job:job_1", "job_1/12", "sort=test_accuracy&order=desc", "job_1,job_2", ""]
    assert visit.to("train").evaluate(read, texts) == texts
    assert visit.to("train").evaluate(read, ["..", ".", "a/b", "a?b", "a b"]) == [None] * 5
