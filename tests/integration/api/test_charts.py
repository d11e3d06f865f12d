"""Charts from the API: each in three forms, rendered by processes of their own."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from service.charts import FORMS, ChartRenderer, ChartRequest, Look
from service.errors import ServiceError
from tests.conftest import StartServer
from tests.servers import OVERFLOWING, Json, finished, start_job, until

JOB_CHARTS = ("curve", "curve?figure=accuracy", "curve?figure=epoch_loss", "histograms")
CHECKPOINT_CHARTS = ("confusion", "histograms", "units?count=3")


def with_suffix(path: str, form: str) -> str:
    """Return the path of a chart in that form."""
    place, mark, query = path.partition("?")
    return f"{place}.{form}{mark}{query}"


@pytest.fixture(scope="session")
def paths(client: httpx2.Client, trained: Json) -> list[str]:
    """Return the paths of all charts of a job and of its last checkpoint."""
    checkpoint = trained["result"]["checkpoint_id"]
    return [
        *(f"/v1/jobs/{trained['id']}/{chart}" for chart in JOB_CHARTS),
        *(f"/v1/checkpoints/{checkpoint}/{chart}" for chart in CHECKPOINT_CHARTS),
        f"/v1/compare/curve?jobs={trained['id']}",
        f"/v1/compare/curve?jobs={trained['id']}&figure=test_accuracy",
        f"/v1/compare/curve?jobs={trained['id']}&group=config",
        f"/v1/compare/curve?jobs={trained['id']}&figure=test_accuracy&group=config",
    ]


def test_every_chart_is_valid_vega_lite(client: httpx2.Client, paths: list[str]) -> None:
    """Each chart as `.json` is a Vega-Lite document that contains its rows and passes Altair's schema."""
    import altair as alt  # noqa: PLC0415  # the import takes a second, which the other tests need not pay

    for path in paths:
        answer = client.get(with_suffix(path, "json"))
        assert answer.headers["content-type"] == FORMS["json"], (path, answer.text[:300])
        spec = answer.json()
        alt.Chart.from_dict(spec)
        assert all(len(rows) > 0 for rows in spec["datasets"].values()), path


def test_every_chart_is_drawn(client: httpx2.Client, paths: list[str]) -> None:
    """Each chart is an image as SVG and as PNG, and fetches nothing."""
    for path in paths:
        svg = client.get(with_suffix(path, "svg"))
        assert svg.headers["content-type"] == "image/svg+xml"
        assert svg.text.startswith("<svg")
        assert not re.search(r'(href|src)="http', svg.text)
        png = client.get(with_suffix(path, "png"))
        assert Image.open(BytesIO(png.content)).format == "PNG"


def test_accept_chooses_the_form(client: httpx2.Client, trained: Json) -> None:
    """Without a suffix `Accept` decides the form; an unknown form is refused."""
    path = f"/v1/jobs/{trained['id']}/curve"
    for media in FORMS.values():
        assert client.get(path, headers={"Accept": media}).headers["content-type"] == media
    assert client.get(path, headers={"Accept": "text/csv"}).status_code == httpx2.codes.NOT_ACCEPTABLE
    assert client.get(f"{path}.gif").status_code == httpx2.codes.UNPROCESSABLE_CONTENT


def test_a_chart_has_the_requested_size(client: httpx2.Client, trained: Json) -> None:
    """Width and height are the whole image's, up to its margin; `scale` multiplies a PNG's; limits are checked."""
    path = f"/v1/jobs/{trained['id']}/curve.png"
    drawn = client.get(path, params={"width": 400, "height": 200, "scale": 2})
    width, height = Image.open(BytesIO(drawn.content)).size
    assert abs(width - 800) < 40
    assert abs(height - 400) < 40
    for limits in ({"width": 9999}, {"height": 1}, {"scale": 3}, {"theme": "pink"}, {"max_points": 10**6}):
        assert client.get(path, params=limits).status_code == httpx2.codes.UNPROCESSABLE_CONTENT, limits


def test_a_chart_has_the_requested_theme_and_language(client: httpx2.Client, trained: Json) -> None:
    """A dark chart has a dark background, and a Spanish one the title "Pérdida"."""
    answer = client.get(f"/v1/jobs/{trained['id']}/curve.json", params={"theme": "dark", "language": "es"}).json()
    assert answer["background"] == "#191b24"
    assert "Pérdida" in json.dumps(answer, ensure_ascii=False)


def test_numbers_have_the_separators_of_the_language(client: httpx2.Client, trained: Json) -> None:
    """Spanish has a decimal comma: in titles, which Python formats, and on axes, which Vega formats."""
    checkpoint = f"/v1/checkpoints/{trained['result']['checkpoint_id']}"
    for language, fraction in (("en", r"\d\.\d+"), ("es", r"\d,\d+")):
        title = client.get(f"{checkpoint}/confusion.svg", params={"language": language}).text
        axis = client.get(f"{checkpoint}/histograms.svg", params={"language": language}).text
        assert re.search(f"{fraction}%", title)
        assert re.search(f">\\D?{fraction}</text>", axis)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_title_is_not_cut_off_on_a_phone(client: httpx2.Client, trained: Json, language: str) -> None:
    """The title of a narrow image has two lines, none wider than the image at seven pixels a letter."""
    confusion = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/confusion.svg"
    lines = re.findall(r">([^<>]+)</t", client.get(confusion, params={"language": language, "width": 240}).text)
    assert max(map(len, lines)) <= 240 / 7


def test_a_chart_that_did_not_change_is_not_rendered_again(client: httpx2.Client, trained: Json) -> None:
    """A client that has it, by its `ETag`, gets a 304."""
    path = f"/v1/jobs/{trained['id']}/curve.svg"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (httpx2.codes.NOT_MODIFIED, b"")


def test_a_long_history_is_thinned(client: httpx2.Client, trained: Json) -> None:
    """The curve has at most `max_points` points, and keeps the first and the last."""
    total = trained["progress"]["total_steps"]
    spec = client.get(f"/v1/jobs/{trained['id']}/curve.json", params={"max_points": 8}).json()
    steps = [point["step"] for point in spec["datasets"]["points"]]
    assert len(steps) <= 8 < total
    assert (steps[0], steps[-1]) == (1, total)


def test_an_unknown_job_or_checkpoint_has_no_chart(client: httpx2.Client) -> None:
    """It is a 404, as for every other route."""
    for path in ("jobs/job_none/curve.svg", "jobs/job_none/histograms", "checkpoints/ckpt_none/units.png"):
        assert client.get(f"/v1/{path}").status_code == httpx2.codes.NOT_FOUND


def test_a_job_without_a_step_has_an_empty_chart(start_server: StartServer) -> None:
    """A queued job has charts without data, and the API does not import the rendering library for them."""
    server = start_server(trainer=False)
    with server.client() as client:
        job_id = start_job(client)
        for path in ("curve.svg", "curve.svg?figure=accuracy", "curve.svg?scale_of_loss=log", "histograms.svg"):
            answer = client.get(f"/v1/jobs/{job_id}/{path}")
            assert answer.status_code == httpx2.codes.OK, answer.text
        mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "vl_convert" not in mapped


def test_a_diverged_job_has_charts(client: httpx2.Client) -> None:
    """A loss that is not finite leaves a gap, on a logarithmic scale too."""
    job_id = start_job(client, **OVERFLOWING)
    assert finished(client, job_id)["error"]["code"] == "diverged"
    for path in ("curve.svg", "curve.svg?scale_of_loss=log", "curve.svg?figure=accuracy", "histograms.svg"):
        answer = client.get(f"/v1/jobs/{job_id}/{path}")
        assert answer.status_code == httpx2.codes.OK, answer.text


def test_the_script_of_the_page_is_kept_by_browsers(client: httpx2.Client) -> None:
    """vega-embed is sent gzipped, with an `ETag`, in less than a third of a megabyte."""
    first = client.get("/page/vega.js")
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 350_000
    again = client.get("/page/vega.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == httpx2.codes.NOT_MODIFIED


REQUEST = ChartRequest(chart="curve", form="svg", look=Look(), data={"points": [], "marks": [], "log": False})


def test_a_killed_renderer_process_is_replaced() -> None:
    """The next chart is rendered by a new process."""

    async def kill_between() -> bytes:
        renderer = ChartRenderer()
        try:
            await renderer.draw(REQUEST)
            (process,) = renderer._idle  # noqa: SLF001  # the test kills the process itself
            process.kill()
            process.wait()
            return await renderer.draw(REQUEST)
        finally:
            await renderer.close()

    assert asyncio.run(kill_between()).startswith(b"<svg")


BESIDE_MATRIX_PRODUCTS = """
import asyncio, threading
import numpy as np
import uvloop
from service.charts import Look, ChartRequest, ChartRenderer

async def draw():
    request = ChartRequest(chart="curve", form="json", look=Look(), data={"points": [], "marks": [], "log": False})
    for _ in range(2):
        renderer = ChartRenderer()
        await asyncio.gather(*(renderer.draw(request) for _ in range(2)))
        await renderer.close()

def multiply():
    while not over.is_set():
        matrix @ matrix

matrix, over = np.ones((1500, 1500), np.float32), threading.Event()
threading.Thread(target=multiply).start()
uvloop.run(draw())
over.set()
"""


def test_a_renderer_process_starts_beside_a_matrix_product() -> None:
    """Both continue: before a fork OpenBLAS would end its threads and wait for them for ever."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    ran = subprocess.run([sys.executable, "-c", BESIDE_MATRIX_PRODUCTS], env=environment, timeout=120, check=False)
    assert ran.returncode == 0


def test_a_chart_that_cannot_be_rendered_is_an_error_and_the_next_one_is_rendered() -> None:
    """A wrong chart request fails alone; the renderer process goes on."""

    async def draw() -> bytes:
        renderer = ChartRenderer()
        try:
            with pytest.raises(ServiceError, match="could not be rendered: KeyError"):
                await renderer.draw(ChartRequest(chart="curve", form="svg", look=Look(), data={}))
            return await renderer.draw(REQUEST)
        finally:
            await renderer.close()

    assert asyncio.run(draw()).startswith(b"<svg")


def test_charts_requested_at_the_same_time_are_all_rendered(client: httpx2.Client, trained: Json) -> None:
    """Each of several clients gets its own chart."""
    widths, rendered = (300, 400, 500, 600), dict[int, int]()

    def ask(width: int) -> None:
        answer = client.get(f"/v1/jobs/{trained['id']}/curve.json", params={"width": width})
        rendered[width] = answer.json()["width"]

    threads = [threading.Thread(target=ask, args=(width,)) for width in widths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rendered == {width: width for width in widths}


def test_renderer_processes_exit_with_the_service(start_server: StartServer) -> None:
    """A killed service leaves no renderer process behind."""
    server = start_server(trainer=False)
    with server.client() as client:
        assert client.get("/page/vega.js").status_code == httpx2.codes.OK
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    renderers = [child for child in children if "service.charts" in Path(f"/proc/{child}/cmdline").read_text()]
    assert renderers
    server.kill()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in renderers), what="them to exit")
