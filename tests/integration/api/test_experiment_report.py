"""The report of an experiment is one file with its answer, its numbers, and the request that repeats it."""

import html
import json
import re
import shlex

import httpx2
import pytest

from tests.integration.api.experiments import PATH, QUICK, TWO_ARMS, arm
from tests.servers import OVERFLOWING, Json, until

SWEEP = {"config": QUICK, "sweep": {"/optimizer/learning_rate": [0.0001, 0.1], "/batch_size": [250, 500]}, "seeds": 2}


def created(client: httpx2.Client, body: Json) -> str:
    """Create an experiment, and return its id."""
    answer = client.post(PATH, json=body)
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    experiment_id: str = answer.json()["id"]
    return experiment_id


def ended(client: httpx2.Client, experiment_id: str) -> str:
    """Wait until an experiment has ended, and return its id."""
    path = f"{PATH}/{experiment_id}"
    until(lambda: client.get(path).json()["status"] != "running", what="the end of the experiment")
    return experiment_id


def report(client: httpx2.Client, experiment_id: str, **params: str) -> httpx2.Response:
    """Return the response with the report."""
    answer = client.get(f"{PATH}/{experiment_id}/report", params=params)
    assert answer.status_code == httpx2.codes.OK, answer.text
    return answer


def repeating(page: str) -> Json:
    """Return the body of the curl command in a report."""
    command = re.search(r"<pre>(curl .*?)</pre>", page, re.DOTALL)
    assert command
    body: Json = json.loads(shlex.split(html.unescape(command[1]))[-1])
    return body


@pytest.fixture(scope="module")
def experiment(client: httpx2.Client) -> str:
    """An experiment of two arms that has ended, with markup in its names."""
    arms = [{**each, "name": f"<b>{each['name']}"} for each in TWO_ARMS["arms"]]  # type: ignore[index]
    body = TWO_ARMS | {"name": "<script>alert('1')</script>", "arms": arms, "baseline": "<b>small"}
    return ended(client, created(client, body))


@pytest.fixture(scope="module")
def swept(client: httpx2.Client) -> str:
    """A sweep that has ended."""
    return ended(client, created(client, SWEEP))


def test_a_report_opens_offline(client: httpx2.Client, experiment: str) -> None:
    """Its charts are in it, light and dark; no script, no address that a browser would load; a name of its own."""
    answer = report(client, experiment)
    assert answer.headers["content-type"].startswith("text/html")
    name = f"script-alert-1-script-{experiment}.html"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    images = re.findall(r'(?:src|srcset)="(.*?)"', answer.text)
    assert len(images) == 2 * 2
    assert all(each.startswith("data:image/svg+xml;base64,") for each in images)
    assert not re.search(r"<script|<link|<b>|@import|url\(", answer.text)
    assert "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</h1>" in answer.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_report_has_the_answer_and_its_numbers(client: httpx2.Client, experiment: str, language: str) -> None:
    """The sentence of the result on top, the means of the arms, both runs of each, and the versions."""
    result = client.get(f"{PATH}/{experiment}/result", headers={"Accept-Language": language}).json()
    answer = report(client, experiment, language=language)
    page = html.unescape(answer.text)
    assert answer.headers["content-language"] == language
    assert f'<p class="finding">{result["pairs"][0]["sentence"]}</p>' in page
    for value in [each["mean"] for each in result["arms"]] + [run["value"] for run in result["arms"][0]["jobs"]]:
        text = f"{100 * value:.2f}%" if language == "en" else f"{100 * value:.2f} %".replace(".", ",")
        assert f"<td>{text}</td>" in page
    assert "tensorflow 2" in page
    assert 'class="unfinished"' not in page


def test_the_language_is_that_of_the_header_unless_the_address_names_one(
    client: httpx2.Client, experiment: str
) -> None:
    """Both choose Spanish, and caches keep the languages apart."""
    answer = client.get(f"{PATH}/{experiment}/report", headers={"Accept-Language": "es"})
    assert "Informe de un experimento" in answer.text
    assert answer.headers["vary"] == "Accept-Language"


def test_a_report_of_a_sweep(client: httpx2.Client, swept: str) -> None:
    """Also the charts of the sweep, and how much each field matters; what differs is in a table."""
    page = report(client, swept).text
    assert page.count("<img ") == 4
    assert re.search(r"<dt>learning_rate</dt><dd>\d+%</dd>", page)
    assert '<th scope="col">learning_rate</th><th scope="col">batch_size</th>' in page


@pytest.mark.parametrize("which", ["experiment", "swept"])
def test_the_request_repeats_the_experiment(client: httpx2.Client, which: str, request: pytest.FixtureRequest) -> None:
    """Its body gives the same arms with the same seeds, and a sweep stays one."""
    experiment_id = request.getfixturevalue(which)
    body = repeating(report(client, experiment_id).text)
    plan = client.post(PATH, params={"validate_only": True}, json=body).json()
    whole = client.get(f"{PATH}/{experiment_id}").json()
    for field in ("arms", "seeds", "metric", "epoch", "baseline", "margin", "sweep"):
        assert plan[field] == whole[field]


@pytest.mark.parametrize(
    ("sweep", "budget", "key"),
    [
        ({"/optimizer/learning_rate": {"low": 0.001, "high": 1, "scale": "log"}}, 3, "sweep"),
        ({"/preset": ["robust", "notebook"]}, None, "arms"),
    ],
)
def test_the_same_arms_are_trained_again(client: httpx2.Client, sweep: Json, budget: int | None, key: str) -> None:
    """A range is drawn the same again; where the first arm's preset hides a field of the sweep, the arms are sent."""
    body = {"config": {"dataset": "tiny", "epochs": 20}, "sweep": sweep, "budget": budget, "seeds": 1}
    experiment_id = created(client, body)
    client.post(f"{PATH}/{experiment_id}/cancel").raise_for_status()
    again = repeating(report(client, experiment_id).text)
    assert key in again
    plan = client.post(PATH, params={"validate_only": True}, json=again).json()
    whole = client.get(f"{PATH}/{experiment_id}").json()
    assert [each["config"] for each in plan["arms"]] == [each["config"] for each in whole["arms"]]


def test_an_experiment_that_runs_says_that_it_has_not_finished(client: httpx2.Client) -> None:
    """The report says how many runs have ended; that of a run says it too."""
    arms = [arm("a", epochs=900), arm("b", epochs=901)]
    experiment_id = created(client, {"arms": arms, "seeds": 3})
    page = report(client, experiment_id).text
    (job, *_) = client.get("/v1/jobs", params={"experiment": experiment_id}).json()["data"]
    assert "This run has not finished" in client.get(f"/v1/jobs/{job['id']}/report").text
    client.post(f"{PATH}/{experiment_id}/cancel").raise_for_status()
    assert "This experiment has not finished: 0 of 6 runs have ended." in page
    assert "has not finished" not in report(client, ended(client, experiment_id)).text


def test_runs_without_a_value_are_named(client: httpx2.Client) -> None:
    """Each with its arm, its seed and the reason, in both languages."""
    arms = [arm("calm"), arm("wild", **OVERFLOWING)]
    experiment_id = ended(client, created(client, {"arms": arms, "seeds": 1}))
    assert "<li>wild, seed 1: diverged. " in report(client, experiment_id).text
    assert "<li>wild, semilla 1: divergió. " in report(client, experiment_id, language="es").text


def test_an_unknown_experiment_has_no_report(client: httpx2.Client) -> None:
    """That is a 404."""
    assert client.get(f"{PATH}/exp_none/report").status_code == httpx2.codes.NOT_FOUND
