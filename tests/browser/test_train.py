"""The form that creates a job."""

import json
import re
import subprocess
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visits import Visit
from tests.servers import Server, start_job

SPANISH = {"locale": "es-ES"}
PHONE = {"width": 390, "height": 844}
#: What is left of a window of 1280 x 800 that is enlarged to 200 %.
ZOOMED = {"width": 640, "height": 400}


def field(page: Page, pointer: str) -> Locator:
    """Return the field that edits the value at a JSON pointer."""
    return page.locator(f'[data-pointer="{pointer}"]')


def error_of(input_: Locator) -> Locator:
    """Return the error message beside a field."""
    return input_.locator("xpath=..").locator(".error")


def start_from_form(page: Page, **fields: Any) -> str:
    """Fill the form, start the job, and return its id."""
    field(page, "/dataset").select_option("tiny")
    for name, value in fields.items():
        field(page, f"/{name}").fill(str(value))
    page.locator("#start").click()
    page.wait_for_url(re.compile(r"#/watch/job_"))
    return page.url.rpartition("/")[2]


def test_a_job_from_the_form_trains_to_its_end_and_its_loss_falls(visit: Visit, api: httpx2.Client) -> None:
    """A job from the form has the added layer, trains all epochs, and its loss falls."""
    page = visit.to("train")
    page.locator("#add-layer").click()
    job_id = start_from_form(page, epochs=3, name="from the form")

    expect(page.locator("#state [data-status=succeeded]")).to_be_visible()
    expect(page.locator("#epochs tbody tr")).to_have_count(3)
    job = api.get(f"/v1/jobs/{job_id}").json()
    epochs = api.get(f"/v1/jobs/{job_id}/history?granularity=epoch").json()["data"]
    assert [layer["units"] for layer in job["network"]["layers"]] == [512, 64, 10]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(rf"{job['progress']['step']:,} steps"))


def test_a_preset_fills_the_form(visit: Visit) -> None:
    """Choosing a preset sets all fields; choosing the first one again restores them."""
    page = visit.to("train")
    epochs, optimizer = field(page, "/epochs"), field(page, "/optimizer")
    accurate = epochs.input_value(), optimizer.input_value()
    field(page, "/preset/notebook").check()
    expect(epochs).to_have_value("10")
    expect(page.locator("#curl")).to_contain_text("-d '{}'")  # the notebook's preset is the service's default
    field(page, "/preset/accurate").check()
    assert (epochs.input_value(), optimizer.input_value()) == accurate


def test_an_optimizer_starts_with_a_rate_of_its_own(visit: Visit, api: httpx2.Client) -> None:
    """Optimizers are listed in teaching order; choosing one sets the suggested learning rate and says what it does."""
    optimizers = {each["name"]: each for each in api.get("/v1/options").json()["optimizers"]}
    page = visit.to("train")
    names = field(page, "/optimizer").locator("option").all_inner_texts()
    assert names == sorted(optimizers, key=lambda name: optimizers[name]["teaching_order"])
    for name in ("adagrad", "sgd"):
        field(page, "/optimizer").select_option(name)
        rate = format(optimizers[name]["suggested"]["learning_rate"], "g")
        expect(field(page, "/optimizer/learning_rate")).to_have_value(rate)
        hint = page.locator(".hint", has_text=optimizers[name]["explanation"]["en"])
        expect(hint).to_contain_text(f"starts at {rate}")


def test_again_with_changes_leaves_a_drawn_seed_empty(visit: Visit, api: httpx2.Client) -> None:
    """The form of a job whose seed the service drew has no seed, so that the next run draws another."""
    page = visit.to(f"train/{start_job(api, seed=None, name='drawn')}")
    expect(field(page, "/name")).to_have_value("drawn")
    expect(field(page, "/seed")).to_have_value("")
    visit.to(f"train/{start_job(api, seed=3)}")
    expect(field(page, "/seed")).to_have_value("3")


def test_bfloat16_is_chosen_where_its_note_is(visit: Visit, api: httpx2.Client) -> None:
    """The choice is in the request; where the processor has no instructions for it, a note says so beforehand."""
    page = visit.to("train")
    native = {each["name"]: each["native"] for each in api.get("/v1/options").json()["precisions"]}
    expect(page.locator("#no-bfloat16")).to_have_count(0)
    page.get_by_text("More settings").click()
    field(page, "/precision").select_option("bfloat16")
    expect(page.locator("#no-bfloat16")).to_have_count(0 if native["bfloat16"] else 1)
    expect(page.locator("#curl")).to_contain_text('"precision":"bfloat16"')
    field(page, "/precision").select_option("float32")
    expect(page.locator("#no-bfloat16")).to_have_count(0)


def test_the_limits_of_augmentation_are_fields(visit: Visit) -> None:
    """The preset `robust` shows a field for each limit; without the switch there are none, and the job has none."""
    page = visit.to("train")
    expect(field(page, "/augment/rotation")).to_have_count(0)
    field(page, "/preset/robust").check()
    field(page, "/augment/rotation").fill("20")
    expect(page.locator("#curl")).to_contain_text('"augment":{"rotation":20}')
    field(page, "/augment").uncheck()
    expect(field(page, "/augment/rotation")).to_have_count(0)
    expect(page.locator("#curl")).to_contain_text('"augment":null')


def test_the_curl_command_has_what_differs_from_the_preset(visit: Visit, served: Server) -> None:
    """The curl command contains each changed field, and no other one."""
    page = visit.to("train")
    field(page, "/optimizer").select_option("adam")
    field(page, "/optimizer/learning_rate").fill("0.002")
    command = page.locator("#curl").inner_text()
    assert served.base_url + "/v1/jobs" in command
    assert "Authorization" not in command
    assert '"preset":"accurate"' in command
    assert '"name":"adam"' in command
    assert '"learning_rate":0.002' in command
    assert '"epochs"' not in command


def test_the_copied_curl_command_creates_the_job_of_the_form(visit: Visit, api: httpx2.Client) -> None:
    """A shell that runs the copied command creates a job with the seed, name and initializer of the form."""
    page = visit.to("train")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field(page, "/dataset").select_option("tiny")
    field(page, "/epochs").fill("1")
    field(page, "/seed").fill("7")
    field(page, "/network/layers/0/initializer").select_option("constant")
    field(page, "/network/layers/0/initializer/value").fill("0.25")
    field(page, "/name").fill("it's copied")
    page.locator(".curl button").click()
    expect(page.locator("#announcer")).not_to_be_empty()
    command = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, check=True)
    job = api.get(f"/v1/jobs/{json.loads(ran.stdout)['id']}").json()
    assert (job["seed"], job["name"], job["dataset"]) == (7, "it's copied", "tiny")
    assert job["network"]["layers"][0]["initializer"] == {"name": "constant", "value": 0.25}


def test_numbers_are_read_as_the_page_writes_them(visit: Visit) -> None:
    """A whole number may have separated thousands, in any language; a rate has a decimal point or comma."""
    page = visit.to("train")
    field(page, "/optimizer/learning_rate").fill("0,125")
    expect(page.locator("#curl")).to_contain_text('"learning_rate":0.125')
    for text in ("1,000", "1.000", "1 000", "1000"):
        field(page, "/epochs").fill("")
        field(page, "/epochs").fill(text)
        expect(page.locator("#curl")).to_contain_text('"epochs":1000')


def test_an_error_is_shown_beside_its_field(visit: Visit) -> None:
    """A refused field has the error beside it, is marked as invalid, and has the focus."""
    page = visit.to("train")
    rate = field(page, "/optimizer/learning_rate")
    rate.fill("-1")
    page.locator("#start").click()
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(error_of(rate)).to_contain_text("must be 0 or more")
    expect(rate).to_be_focused()
    visit.expect_status(422)


@pytest.mark.parametrize("visit", [SPANISH], indirect=True)
def test_an_error_is_shown_in_the_visitors_language(visit: Visit) -> None:
    """Spanish errors contain the numbers of the service's error, written as in Spanish."""
    page = visit.to("train")
    epochs, rate = field(page, "/epochs"), field(page, "/optimizer/learning_rate")
    epochs.fill("2,5")
    rate.fill("-1")
    page.locator("#start").click()
    expect(error_of(epochs)).to_have_text("Debe ser un número entero.")
    expect(error_of(rate)).to_have_text("Debe ser 0 o más.")
    visit.expect_status(422)


def test_an_error_about_a_list_is_shown_below_the_list(visit: Visit) -> None:
    """An error about all layers stands below them, and disappears with the next change of the layers."""
    page = visit.to("train")
    for _ in range(15):
        page.locator("#add-layer").click()
    page.locator("#start").click()
    expect(page.locator(".network > .error")).to_contain_text("16 layers")
    page.locator(".layer .remove").first.click()
    expect(page.locator(".network > .error")).to_have_count(0)
    visit.expect_status(422)


def test_the_form_keeps_what_was_typed(visit: Visit) -> None:
    """Another view, a reload and another language leave the form, and its experiment, as they were."""
    page = visit.to("train")
    field(page, "/optimizer").select_option("adam")
    field(page, "/optimizer/learning_rate").fill("0,01; 0,1")
    field(page, "/epochs").fill("0x10")
    page.locator("#add-layer").click()
    page.locator('nav [data-view="draw"]').click()
    page.wait_for_selector('main[data-view="draw"][data-ready="yes"]')
    page.locator('nav [data-view="train"]').click()
    page.wait_for_selector('main[data-view="train"][data-ready="yes"]')
    page.reload()
    page.locator("#language").select_option("es")
    expect(page.locator("#start-experiment")).to_have_text("Empezar el experimento")
    expect(field(page, "/optimizer/learning_rate")).to_have_value("0,01; 0,1")
    expect(field(page, "/epochs")).to_have_value("0x10")
    expect(page.locator(".layer")).to_have_count(3)
    visit.expect_status(422)  # the plan of the experiment


def test_the_address_of_a_form_opens_the_same_form(visit: Visit, browser: Browser) -> None:
    """Another visitor who opens the form's address sees the same fields, also those of the experiment's change."""
    page = visit.to("train?preset=notebook&/network/layers/0/units=64&seed=5&name=mine")
    field(page, "/epochs").fill("4")
    page.locator("#compare-change").click()
    field(page, "/change/field").select_option("/batch_size")
    field(page, "/change").fill("32")
    command = page.locator("#curl").inner_text()
    page.wait_for_url(re.compile("/change/value=32"))
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(page.url)
        expect(other.locator("#curl")).to_have_text(command)
        expect(field(other, "/network/layers/0/units")).to_have_value("64")


def test_an_address_with_unknown_parts_opens_the_form_and_names_them(visit: Visit) -> None:
    """What the page cannot use of an address is named above the form, which has the rest of it."""
    page = visit.to("train?epochs=3&wrong=1&/optimizer/name=none")
    expect(page.locator("#ignored")).to_contain_text("wrong, /optimizer")
    expect(field(page, "/epochs")).to_have_value("3")


def test_a_number_is_a_decimal_number(visit: Visit) -> None:
    """Text that only a programming language reads as a number is refused beside its field."""
    page = visit.to("train")
    epochs = field(page, "/epochs")
    for text in ("0x10", "Infinity", "1e", "1_000", "٣", "1e400"):
        epochs.fill(text)
        expect(page.locator("#curl")).to_contain_text(f'"epochs":"{text}"')
    epochs.fill("0x10")
    page.locator("#start").click()
    expect(error_of(epochs)).to_contain_text("whole number")
    visit.expect_status(422)


def test_a_suggested_rate_suits_the_network(visit: Visit) -> None:
    """The suggested rates are for the initial weights of `accurate`; others start from the optimizer's default."""
    page = visit.to("train?preset=notebook")
    field(page, "/optimizer").select_option("adam")
    expect(field(page, "/optimizer/learning_rate")).to_have_value("0.001")
    field(page, "/optimizer").select_option("sgd")
    expect(field(page, "/optimizer/learning_rate")).to_have_value("0.001")  # the preset's own
    field(page, "/preset/accurate").check()
    field(page, "/optimizer").select_option("adagrad")
    field(page, "/optimizer").select_option("sgd")
    expect(field(page, "/optimizer/learning_rate")).to_have_value("1")


def test_fields_of_a_layer_name_it(visit: Visit) -> None:
    """A screen reader reads which layer a field belongs to."""
    page = visit.to("train")
    expect(page.get_by_role("textbox", name="Units of layer 1")).to_have_value("512")
    expect(page.get_by_role("combobox", name="Activation of the output layer")).to_have_value("softmax")


@pytest.mark.parametrize("visit", [{"viewport": PHONE}, {"viewport": ZOOMED}], indirect=True)
def test_start_is_always_in_sight(visit: Visit) -> None:
    """Start stays at the bottom, also on a phone and at 200 %, and covers no field that has the focus."""
    page = visit.to("train")
    expect(page.locator("#start")).to_be_in_viewport(ratio=1)
    for pointer in ("/epochs", "/optimizer/learning_rate", "/name"):
        field(page, pointer).focus()
        expect(page.locator("#start")).to_be_in_viewport(ratio=1)
        box, bar = field(page, pointer).bounding_box(), page.locator(".start-bar").bounding_box()
        assert box
        assert bar
        assert box["y"] + box["height"] <= bar["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
