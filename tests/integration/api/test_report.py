"""The report of a job is one file that shows everything and loads nothing."""

import json
import re

import httpx2
import pytest

from tests.servers import OVERFLOWING, Json, finished, start_job


def _report(client: httpx2.Client, job: Json, **params: str) -> httpx2.Response:
    return client.get(f"/v1/jobs/{job['id']}/report", params=params)


def test_a_report_opens_offline(client: httpx2.Client, trained: Json) -> None:
    """Its charts are in it; it has no script and no address that a browser would load."""
    answer = _report(client, trained)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"] == f'attachment; filename="shared-{trained["id"]}.html"'
    assert answer.text.count('src="data:image/svg+xml;base64,') == answer.text.count("<img ") == 2
    assert not re.search(r"<script|<link|@import|url\(|src=\"(?!data:)", answer.text)


def test_a_report_has_the_results_and_repeats_the_run(client: httpx2.Client, trained: Json) -> None:
    """The digest of the weights, a row for each epoch, and a request whose body resolves to the same configuration."""
    page = _report(client, trained).text
    checkpoint = client.get(f"/v1/checkpoints/{trained['result']['checkpoint_id']}").json()
    assert checkpoint["sha256"] in page
    assert page.count("<tr>") == 1 + trained["epochs"]
    body = re.search(r"-d &#39;(.*?)&#39;</pre>", page)
    assert body
    sent = json.loads(body[1].replace("&#34;", '"'))
    resolved = client.post("/v1/jobs?validate_only=true", json=sent).json()
    assert {name: trained[name] for name in resolved} == resolved


@pytest.mark.parametrize(("headers", "params"), [({"Accept-Language": "es"}, {}), ({}, {"language": "es"})])
def test_a_report_in_spanish(client: httpx2.Client, trained: Json, headers: dict[str, str], params: Json) -> None:
    """By the header or by the parameter: words and decimal commas."""
    answer = client.get(f"/v1/jobs/{trained['id']}/report", params=params, headers=headers)
    assert answer.headers["content-language"] == "es"
    assert "Informe de una ejecución" in answer.text
    assert re.search(r"<td>\d+,\d\d %</td>", answer.text)


def test_a_report_escapes_and_shows_diagnostics(client: httpx2.Client) -> None:
    """A name is text, whatever it contains; a diagnostic has its hint, in both languages."""
    job = finished(client, start_job(client, name="<b>bad</b>", **OVERFLOWING))
    english, spanish = (_report(client, job, language=language).text for language in ("en", "es"))
    assert "&lt;b&gt;bad&lt;/b&gt;" in english
    assert "<b>" not in english
    assert "<h2>Diagnostics</h2>" in english
    assert "ya no es un número finito" in spanish


def test_a_job_that_trained_nothing_has_a_report(client: httpx2.Client) -> None:
    """It says so; an unknown job has none."""
    job = client.get(f"/v1/jobs/{start_job(client)}").json()
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert "<h2>Curves</h2>" in _report(client, finished(client, job["id"])).text
    assert _report(client, {"id": "job_none"}).status_code == httpx2.codes.NOT_FOUND


def test_a_field_that_undoes_the_preset_is_repeated(client: httpx2.Client) -> None:
    """The request has the preset and each field that differs from it, also one that has its general default."""
    job = client.get(f"/v1/jobs/{start_job(client, preset='accurate', shuffle=False)}").json()
    client.post(f"/v1/jobs/{job['id']}/cancel")
    body = re.search(r"-d &#39;(.*?)&#39;</pre>", _report(client, job).text)
    assert body
    sent = json.loads(body[1].replace("&#34;", '"'))
    assert (sent["preset"], sent["shuffle"]) == ("accurate", False)
    assert client.post("/v1/jobs?validate_only=true", json=sent).json()["network"] == job["network"]
