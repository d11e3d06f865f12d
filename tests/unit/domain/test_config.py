"""A job's configuration: defaults, presets, and errors with JSON pointers."""

import dataclasses
import json
import re
from importlib import resources
from typing import Any

import pytest

import naivenet
from service.domain.config import ConfigLimits, JobConfig, preset, resolve, resolve_network
from service.domain.initial_weights import check_initial
from service.domain.merging import merge
from service.domain.presets import PRESETS
from service.errors import InvalidInput

LIMITS = ConfigLimits(max_epochs=100, max_layers=3, max_units=600)
LAYERS = [{"units": 512, "activation": "relu"}, {"units": 10, "activation": "softmax"}]

SPANISH = json.loads((resources.files("service") / "page" / "words" / "es.json").read_text(encoding="utf-8"))

#: The contract's body of a job, with its defaults.
DEFAULTS: dict[str, Any] = {
    "name": None,
    "preset": None,
    "dataset": "mnist",
    "network": {
        "layers": [
            {**layer, "initializer": {"name": "random_uniform", "minval": 0.0, "maxval": 0.1}} for layer in LAYERS
        ]
    },
    "optimizer": {"name": "sgd", "learning_rate": 0.001, "momentum": 0.0},
    "epochs": 10,
    "batch_size": 128,
    "shuffle": False,
    "seed": None,
    "augment": None,
    "precision": "float32",
    "validation_split": 0.0,
    "early_stopping": None,
    "init_from": None,
    "checkpoint_every_epochs": 1,
    "metadata": {},
}


def resolved(**body: Any) -> JobConfig:
    """Resolve a request body."""
    return resolve(body, LIMITS)


def pointers(**body: Any) -> list[str]:
    """Return the JSON pointers of a body's errors."""
    with pytest.raises(InvalidInput) as caught:
        resolve(body, LIMITS)
    return [error.pointer for error in caught.value.errors]


def test_an_empty_body_is_the_notebook() -> None:
    """The defaults are those of the API's contract, with additions only."""
    answer = resolved().model_dump(mode="json")
    assert answer["optimizer"].items() >= DEFAULTS["optimizer"].items()
    assert {name: answer[name] for name in DEFAULTS} | {"optimizer": DEFAULTS["optimizer"]} == DEFAULTS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_equals_the_configuration_of_its_jobs(name: Any) -> None:
    """`preset` returns the configuration that a job with this preset gets, without checking the limits."""
    assert preset(name) == resolved(preset=name)


def test_the_defaults_may_be_sent_back() -> None:
    """The body that the contract shows is accepted as a request."""
    assert resolve(DEFAULTS, LIMITS) == resolved()


def test_a_preset_is_a_starting_point() -> None:
    """The fields of the body override those of the preset."""
    config = resolved(preset="accurate", epochs=2)
    assert (config.preset, config.shuffle, config.epochs) == ("accurate", True, 2)


def test_a_part_of_an_augmentation_changes_that_part() -> None:
    """An object sets the limits that it names; the others are the preset's, or the defaults. Null takes it away."""
    robust = preset("robust").augment
    assert robust
    assert resolved(preset="robust", augment={"rotation": 5}).augment == dataclasses.replace(robust, rotation=5)
    assert resolved(augment={}).augment == naivenet.Augmentation()
    assert resolved(preset="robust", augment=None).augment is None


def test_a_configuration_of_an_older_version_has_no_augmentation_and_no_precision() -> None:
    """A stored configuration without the fields is read, and trains on the images as they are, in float32."""
    stored = resolved().model_dump(mode="json")
    del stored["augment"], stored["precision"]
    assert JobConfig.model_validate_json(json.dumps(stored)) == resolved()


def test_part_of_an_optimizer_changes_that_part() -> None:
    """A body with only a learning rate keeps the optimizer's other parameters."""
    for name in ("notebook", "accurate"):
        before, after = resolved(preset=name), resolved(preset=name, optimizer={"learning_rate": 0.5})
        assert after.optimizer == dataclasses.replace(before.optimizer, learning_rate=0.5)


def test_another_optimizer_takes_none_of_the_first() -> None:
    """Another optimizer starts from its own defaults, without the parameters of the first."""
    assert resolved(optimizer={"name": "adam"}).optimizer == naivenet.get_optimizer("adam")


def test_lists_replace() -> None:
    """A list replaces the default list; members are not merged."""
    one = {"units": 10, "activation": "softmax"}
    assert resolved(network={"layers": [one]}).network.shapes(784) == [(784, 10), (10,)]


def test_merging_changes_neither_argument() -> None:
    """`merge` returns a new object and leaves both arguments unchanged."""
    base, changes = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merge(base, changes) == {"a": {"b": 1, "c": 2}}
    assert (base, changes) == ({"a": {"b": 1}}, {"a": {"c": 2}})


#: Invalid bodies, each with the JSON pointer of its error.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"epoch": 3}, "/epoch"),
    ({"epochs": "3"}, "/epochs"),
    ({"epochs": 1.5}, "/epochs"),
    ({"epochs": True}, "/epochs"),
    ({"epochs": 0}, "/epochs"),
    ({"epochs": 101}, "/epochs"),
    ({"epochs": 1_000_000}, "/epochs"),
    ({"seed": -1}, "/seed"),
    ({"seed": 2**53}, "/seed"),
    ({"batch_size": 60_001}, "/batch_size"),
    ({"shuffle": 1}, "/shuffle"),
    ({"augment": True}, "/augment"),
    ({"augment": {"rotation": -1}}, "/augment/rotation"),
    ({"augment": {"rotation": "20"}}, "/augment/rotation"),
    ({"augment": {"mirror": 1}}, "/augment/mirror"),
    ({"precision": "float16"}, "/precision"),
    ({"precision": None}, "/precision"),
    ({"preset": "best"}, "/preset"),
    ({"preset": []}, "/preset"),
    ({"dataset": "../secret"}, "/dataset"),
    ({"name": "nul \x00"}, "/name"),
    ({"name": "x" * 201}, "/name"),
    ({"validation_split": 1.0}, "/validation_split"),
    ({"early_stopping": {}}, "/early_stopping/monitor"),
    ({"optimizer": None}, "/optimizer"),
    ({"optimizer": {"name": "sdg"}}, "/optimizer"),
    ({"optimizer": {"learning_rate": -1}}, "/optimizer/learning_rate"),
    ({"optimizer": {"learning_rate": "fast"}}, "/optimizer/learning_rate"),
    ({"optimizer": {"name": "adam", "momentum": 0.5}}, "/optimizer/momentum"),
    ({"network": {"layers": []}}, "/network/layers"),
    ({"network": {"layers": [LAYERS[0]]}}, "/network/layers/0/units"),
    ({"network": {"layers": [{"units": 0, "activation": "relu"}, LAYERS[1]]}}, "/network/layers/0/units"),
    ({"network": {"layers": [{"units": 601, "activation": "relu"}, LAYERS[1]]}}, "/network/layers/0/units"),
    ({"network": {"layers": [{"units": 5, "activation": "rleu"}, LAYERS[1]]}}, "/network/layers/0/activation"),
    ({"network": {"layers": [{"activation": "relu"}, LAYERS[1]]}}, "/network/layers/0/units"),
    ({"network": {"layers": [LAYERS[0]] * 3 + [LAYERS[1]]}}, "/network/layers"),
    (
        {"network": {"layers": [{**LAYERS[0], "initializer": {"name": "constant", "value": "a"}}, LAYERS[1]]}},
        "/network/layers/0/initializer/value",
    ),
    (
        {"network": {"layers": [{**LAYERS[0], "initializer": {"name": "random_uniform", "low": 0}}, LAYERS[1]]}},
        "/network/layers/0/initializer/low",
    ),
    ({"metadata": {"a/b~c": 1}}, "/metadata/a~1b~0c"),
    ({"metadata": {str(i): "" for i in range(17)}}, "/metadata"),
    ({"metadata": []}, "/metadata"),
]


@pytest.mark.parametrize(("body", "pointer"), REFUSED)
def test_an_error_says_where(body: dict[str, Any], pointer: str) -> None:
    """An invalid body is refused with the JSON pointer of the wrong field, and no other."""
    assert set(pointers(**body)) == {pointer}


@pytest.mark.parametrize("body", [body for body, _ in REFUSED])
def test_the_page_can_translate_an_error(body: dict[str, Any]) -> None:
    """The page's dictionary has each error's code, and the error has every parameter of that sentence."""
    with pytest.raises(InvalidInput) as caught:
        resolve(body, LIMITS)
    for error in caught.value.errors:
        values = re.findall(r"\{(\w+)\}", SPANISH[f"field_error.{error.code}"])
        assert set(values) <= set(error.parameters)


def test_all_errors_are_reported_at_once() -> None:
    """A body with three errors gets three pointers in one answer."""
    assert pointers(epochs=0, seed=-1, colour="red") == ["/epochs", "/seed", "/colour"]


def test_the_detail_repeats_the_errors() -> None:
    """The detail names what is wrong and where, for clients that show only that sentence."""
    with pytest.raises(InvalidInput, match=r"^/epochs: At most 100 epochs|exceeds the limits of this service"):
        resolve({"epochs": 101}, LIMITS)


def test_a_network_of_its_own_has_pointers_below_network() -> None:
    """Errors of the network that accompanies an upload point below ``/network``."""
    with pytest.raises(InvalidInput) as caught:
        resolve_network('{"layers": [{"units": 10, "activation": "softmx"}]}', LIMITS)
    assert [error.pointer for error in caught.value.errors] == ["/network/layers/0/activation"]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00", '{"layers": "\\ud800"}', "NaN"])
def test_a_network_that_is_no_json_is_the_callers_error(text: str) -> None:
    """Text that is not JSON is refused at the field ``network``."""
    with pytest.raises(InvalidInput) as caught:
        resolve_network(text, LIMITS)
    assert caught.value.errors[0].pointer.startswith("/network")


def test_a_start_from_other_layers_is_refused() -> None:
    """Starting from a checkpoint with other layers is refused; the message names the layer and both shapes."""
    narrow = resolve_network(
        '{"layers": [{"units": 7, "activation": "relu"}, {"units": 10, "activation": "softmax"}]}', LIMITS
    )
    with pytest.raises(InvalidInput, match=r"layers\.0\.W has shape \(784, 7\).* needs \(784, 512\)"):
        check_initial(resolved(init_from="ckpt_x"), narrow, 784)


def test_a_start_from_fewer_layers_is_refused() -> None:
    """Starting from a checkpoint with fewer layers is refused; the message has both counts."""
    flat = resolve_network('{"layers": [{"units": 10, "activation": "softmax"}]}', LIMITS)
    with pytest.raises(InvalidInput, match="1 layers, but the configured network has 2"):
        check_initial(resolved(init_from="ckpt_x"), flat, 784)


def test_a_resolved_configuration_resolves_to_itself() -> None:
    """A job's own configuration, sent as a request, starts the same job again."""
    config = resolved(preset="accurate", seed=3, metadata={"a": "b"})
    assert resolve(config.model_dump(mode="json"), LIMITS) == config
