"""Lessons: their readings of the log, and one of them from its start to the right answer."""

import json
import re

import httpx2
import pytest
from playwright.sync_api import Route, expect

from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit
from tests.servers import Json, finished, start_job

SPANISH_PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "locale": "es-ES",
    "color_scheme": "dark",
}

#: What is smaller than a finger needs: 44 pixels. Links inside a sentence are not counted.
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(button, .button, label.choice)")]
  .map((element) => [element.outerHTML, element.getBoundingClientRect()])
  .filter(([, { width, height }]) => height > 0 && (width < 44 || height < 44))
  .map(([html]) => html)"""

#: What the lesson of that name reads out of these runs.
READ = """async ([name, runs]) => {
  const { lessonNamed } = await import("./page/lessons/all.js");
  return lessonNamed(name).question.read(runs)?.answer ?? null;
}"""

#: The sentences that some lesson lacks in some language.
MISSING_WORDS = """async () => {
  const { LESSONS } = await import("./page/lessons/all.js");
  const missing = [];
  for (const language of ["en", "es"]) {
    const words = await (await fetch(`page/words/${language}.json`)).json();
    for (const { name, arms, question, terms, chapter, book } of LESSONS) {
      const parts = ["title", "teaser", "about", "look", "question", "evidence", "why"];
      parts.push(...arms.map((arm) => `arm.${arm.name}`), ...(question.choices ?? []).map((each) => `choice.${each}`));
      const keys = parts.map((part) => `lesson.${name}.${part}`);
      keys.push(...terms.map((term) => `term.${term}`), `chapter.${chapter}`, `book.${book.slice(0, 2)}`);
      missing.push(...keys.filter((key) => !(key in words)));
    }
  }
  return missing;
}"""

#: The fields of the lessons' jobs that the form would ignore if it got them by its address.
IGNORED_FIELDS = """async () => {
  const { LESSONS } = await import("./page/lessons/all.js");
  const { addressOf, configurationIn } = await import("./page/net/configuration_address.js");
  const options = await (await fetch("v1/options")).json();
  const bodies = LESSONS.flatMap(({ arms }) => arms.map(({ body }) => body));
  return bodies.flatMap((body) => configurationIn(addressOf("train", body), options).ignored);
}"""


def run(arm: str, *, status: str = "succeeded", losses: tuple[float | None, ...] = (), **metrics: list[float]) -> Json:
    """Return a run whose epochs have these metrics."""
    count = max((len(values) for values in metrics.values()), default=0)
    epochs = [{"epoch": i + 1, **{name: values[i] for name, values in metrics.items()}} for i in range(count)]
    return {"id": "job_1", "arm": arm, "status": status, "epochs": epochs, "losses": losses, "diagnostics": []}


def runs_of(arm: str, *accuracies: float) -> list[Json]:
    """Return finished runs of an arm with these test accuracies."""
    return [run(arm, test_accuracy=[accuracy]) for accuracy in accuracies]


#: A lesson, the runs, and what it reads. The numbers are of real runs where a lesson can be answered.
READINGS = [
    ("zeros", [], None),
    ("zeros", [run("zeros", status="running")], None),
    ("zeros", [run("zeros", test_accuracy=[0.1135])], "chance"),
    ("zeros", [run("zeros", test_accuracy=[0.5])], "half"),
    ("zeros", [run("random", test_accuracy=[0.96]), run("zeros", test_accuracy=[0.96])], "most"),
    ("rate", [run("fifty", status="running", losses=(2.4, 14.5))], None),
    ("rate", [run("fifty", losses=(2.4, 14.7, 14.1))], "rises"),
    ("rate", [run("fifty", losses=(2.4, 1.0, 0.3))], "falls"),
    ("rate", [run("fifty", status="failed", losses=(2.4, None))], "infinite"),
    ("rate", [run("fifty", status="cancelled")], None),
    ("softmax", [run("without", losses=(6.1, 2.303, 2.303))], "guessing"),
    ("softmax", [run("without", losses=(2.3, *[0.2] * 100))], "low"),
    ("softmax", [run("without", status="failed", losses=(2.3, None))], "infinite"),
    ("small", [run("two", train_accuracy=[0.38, 0.44], test_accuracy=[0.4, 0.45])], "both"),
    ("small", [run("two", train_accuracy=[0.95], test_accuracy=[0.8])], "train"),
    ("small", [run("two", train_accuracy=[0.65], test_accuracy=[0.8])], "test"),
    ("small", [run("two", status="running", train_accuracy=[0.4], test_accuracy=[0.4])], None),
    ("overfitting", [run("few", train_loss=[0.9, 0.3, 0.1], test_loss=[0.6, 0.5, 0.55])], 2),
    ("overfitting", [run("few", status="running", train_loss=[0.9], test_loss=[0.6])], None),
    ("optimizer", [*runs_of("adam", 0.94, 0.94, 0.94), *runs_of("same", 0.4, 0.5, 0.4)], None),
    ("optimizer", [r for arm in ("adam", "same", "own") for r in runs_of(arm, 0.94, 0.95, 0.94)], "level"),
    ("optimizer", [r for arm, a in (("adam", 0.9), ("same", 0.4), ("own", 0.7)) for r in runs_of(arm, a, a, a)], "far"),
    (
        "optimizer",
        [r for arm, a in (("adam", 0.9), ("same", 0.4), ("own", 0.86)) for r in runs_of(arm, a, a, a)],
        "behind",
    ),
    ("seed", runs_of("equal", 0.92, 0.93, 0.92, 0.92), None),
    ("seed", runs_of("equal", 0.926, 0.932, 0.935, 0.928, 0.93), "much"),
    ("seed", runs_of("equal", 0.926, 0.927, 0.926, 0.926, 0.926), "little"),
    ("seed", runs_of("equal", 0.9, 0.9, 0.9, 0.9, 0.9), "none"),
]


def test_each_question_is_answered_by_the_log(visit: Visit) -> None:
    """A lesson reads its answer out of the runs, whatever they did, and nothing before they have it."""
    page = visit.to("lessons")
    answers = [page.evaluate(READ, [name, runs]) for name, runs, _ in READINGS]
    assert answers == [expected for *_, expected in READINGS]


def test_each_lesson_is_complete(visit: Visit) -> None:
    """Each lesson has its words in both languages, and its configuration opens in the form."""
    page = visit.to("lessons")
    assert page.evaluate(MISSING_WORDS) == []
    assert page.evaluate(IGNORED_FIELDS) == []


def test_a_lesson_is_given_in_the_presentation_mode(visit: Visit) -> None:
    """A teacher starts it and checks the class's guess there; the runs come first, and nothing else takes the room."""
    page = visit.to("lessons/rate?dataset=tiny&present=yes")
    for hidden in ("#header", "#footer", ".lesson-terms"):
        expect(page.locator(hidden)).to_be_hidden()
    page.locator(".choice", has_text="stays high").click()
    page.get_by_role("button", name="Check").click()
    page.locator("#lesson-start").click()
    expect(page.locator(".lesson-verdict [data-right]")).to_be_visible()
    runs, question = (page.locator(name).bounding_box() for name in (".lesson-runs", ".lesson-question"))
    assert runs
    assert question
    assert runs["y"] + runs["height"] <= question["y"]
    assert runs["width"] > page.viewport_size["width"] * 0.9  # type: ignore[index]  # the visit has a size
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lesson_from_its_start_to_the_right_answer(visit: Visit) -> None:
    """By keyboard: an answer before the start is kept, the log refutes it, and confirms another one after a reload."""
    page = visit.to("lessons/zeros?dataset=tiny")
    verdict = page.locator(".lesson-verdict")
    page.get_by_label("Nearly all").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Your answer is kept")
    page.locator("#lesson-start").focus()
    page.keyboard.press("Enter")
    expect(verdict.locator('[data-right="false"]')).to_contain_text(re.compile(r"reads \d+\.\d\d% of the test images"))
    expect(page.locator('[data-arm="zeros"] .notices')).to_contain_text("start with the value 0")
    expect(page.locator("#lesson-status")).to_have_text("2 of 2 runs have ended.")
    expect(page.locator('[data-arm="random"] canvas')).to_have_attribute("aria-label", re.compile("Loss over [1-9]"))
    assert serious_violations(page) == []
    page.reload()
    expect(page.locator(".lesson-run")).to_have_count(2)
    page.get_by_label("About a tenth").check()
    page.get_by_role("button", name="Check").click()
    expect(verdict.locator('[data-right="true"]')).to_contain_text("Right.")
    assert "/optimizer/learning_rate=0.3" in str(
        verdict.get_by_role("link", name="Train with this configuration").get_attribute("href")
    )
    page.goto(f"{visit.base_url}/#/lessons")
    expect(page.locator('[data-lesson="zeros"]')).to_contain_text("Answered correctly")


def test_a_lesson_recovers_from_an_outage(visit: Visit, api: httpx2.Client) -> None:
    """Where the runs of an earlier visit cannot be read, the view has a retry button, and shows them afterwards."""
    job = finished(api, start_job(api))
    runs = json.dumps({"rate": {"runs": [{"id": job["id"], "arm": "usual"}]}})
    visit.page.add_init_script(f"localStorage.setItem('naivenet.lessons', {runs!r})")
    visit.page.route("**/v1/jobs/job_*", lambda route: route.abort())
    page = visit.to("lessons/rate")
    expect(page.locator(".load-trouble .again")).to_be_visible()
    page.unroute("**/v1/jobs/job_*")
    expect(page.locator(".lesson-run")).to_have_count(1)
    expect(page.locator(".load-trouble")).to_have_count(0)
    visit.expect_failed_requests("net::ERR_FAILED")


def test_a_lesson_as_an_experiment(visit: Visit) -> None:
    """The lesson about optimizers starts an experiment, shows each run, and links to it."""
    page = visit.to("lessons/optimizer?dataset=tiny")
    page.locator("#lesson-start").click()
    expect(page.locator(".lesson-run")).to_have_count(9)
    expect(page.locator(".lesson-runs canvas")).to_have_count(1)
    expect(page.locator(".lesson-curves .key")).to_have_count(3)
    expect(page.locator("#lesson-curves")).to_have_attribute("aria-label", re.compile(r"Adam.*: \d\.\d+"))
    expect(page.locator("#lesson-status")).to_have_text("9 of 9 runs have ended.")
    page.get_by_label("Less than 1 point").check()
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".lesson-verdict [data-right]")).to_contain_text(re.compile("On average Adam reads [0-9]"))
    page.locator(".lesson-look a").click()
    expect(page.locator('main[data-view="experiment"]')).to_be_visible()


@pytest.mark.parametrize("visit", [SPANISH_PHONE], indirect=True)
def test_a_lesson_on_a_phone(visit: Visit) -> None:
    """On a phone, in Spanish and dark: targets have 44 px, nothing scrolls sideways, and a number is asked for."""
    for address in ("lessons", "lessons/terms", "lessons/overfitting"):
        page = visit.to(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.evaluate(SMALL_TARGETS) == [], address
        assert serious_violations(page) == [], address
    page.get_by_role("button", name="Comprobar").tap()
    expect(page.locator(".lesson-verdict")).to_have_text("Escribe antes un número entero, como 3.")
    field = page.get_by_label(re.compile("Tras qué época"))
    box = field.bounding_box()
    assert box
    assert box["width"] >= 100
    field.fill("3")
    page.get_by_role("button", name="Comprobar").tap()
    expect(page.locator(".lesson-verdict")).to_contain_text("queda guardada")


def test_a_lesson_says_why_it_cannot_start(visit: Visit) -> None:
    """With a full queue the page says so and can be asked again; a key without the scope sees no button."""
    page = visit.page
    problem = {"title": "Too many", "detail": "The queue is full.", "code": "queue_full"}

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=503, json=problem, content_type="application/problem+json")
        else:
            route.fallback()

    page.route("**/v1/jobs", refuse)
    visit.to("lessons/rate")
    page.locator("#lesson-start").click()
    expect(page.locator("#lesson-error")).to_have_text("The queue is full.")
    expect(page.locator("#lesson-start")).to_have_attribute("aria-disabled", "false")
    visit.expect_status(503)
    page.route("**/v1/me", lambda route: route.fulfill(json={"id": "key_1", "scopes": ["read"]}))
    page.reload()
    expect(page.locator(".lesson-look")).to_contain_text("needs an API key with the scope train")
    expect(page.locator("#lesson-start")).to_have_count(0)
