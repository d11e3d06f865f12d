// @ts-check
// One lesson: what it is about, a button that starts its runs, their curves as they train, and the question.

import { progressOf, storeProgress } from "../lessons/progress.js";
import { bodyOn, startLesson } from "../lessons/start.js";
import { get, isTemporary, Problem } from "../net/api.js";
import { addressOf } from "../net/configuration_address.js";
import { hasEnded } from "../net/jobs.js";
import { hasScope, ownKey } from "../net/own_key.js";
import { announce, button, errorLine, fill, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";
import { LessonCurves } from "./lesson_curves.js";
import { LessonQuestion } from "./lesson_question.js";
import { LessonRun } from "./lesson_run.js";

/**
 * @import { Lesson } from "../lessons/readings.js"
 * @import { Started } from "../lessons/start.js"
 * @import { Job } from "../net/types.d.ts"
 */

/** A browser opens six connections to a host for all its tabs together, so that few logs are followed at once. */
const LOGS_AT_ONCE = 2;

const NOT_FOUND = 404;

export class LessonPage {
  /** @type {LessonRun[]} */
  runs = [];
  /** @type {LessonCurves | null} One chart of all runs, where several seeds train each arm. */
  curves = null;
  /** Aborts when the runs of another start are shown. */
  following = new AbortController();

  /**
   * @param {Lesson} lesson
   * @param {string | undefined} dataset Trains on it in place of MNIST.
   * @param {AbortSignal} signal
   */
  constructor(lesson, dataset, signal) {
    this.lesson = lesson;
    this.dataset = dataset;
    this.signal = signal;
    this.error = errorLine({ id: "lesson-error" });
    this.status = h("p", { class: "hint", role: "status", id: "lesson-status" });
    this.startButton = button("", () => this.start(), { class: "main", id: "lesson-start" });
    this.links = h("p", { class: "next" });
    this.grid = h("div", { class: "lesson-runs" });
    this.question = new LessonQuestion(lesson, () => this.runs.map((run) => run.log), this.tryMore());
    signal.addEventListener("abort", () => this.following.abort());
  }

  /** @param {HTMLElement} root */
  async show(root) {
    const { name } = this.lesson;
    const key = await ownKey(this.signal);
    const start = hasScope(key, "train") ? this.startButton : h("p", {}, t("lessons.needs_train"));
    const look = t(`lesson.${name}.look`);
    fill(
      root,
      h("p", {}, h("a", { href: "#/lessons" }, t("lessons.all"))),
      h("h1", {}, t(`lesson.${name}.title`)),
      h("p", { class: "lead" }, t(`lesson.${name}.about`)),
      h(
        "div",
        { class: "lesson-page" },
        h(
          "section",
          { class: "panel lesson-look" },
          h("h2", {}, t("lessons.look")),
          h("p", {}, look),
          h(
            "p",
            { class: "lesson-terms" },
            this.lesson.terms.map((each) => [term(each), " "]),
          ),
          start,
          this.status,
          this.error,
          this.links,
        ),
        this.grid,
        this.question.element,
      ),
    );
    const { runs, experiment } = progressOf(name);
    this.showButton();
    this.showLinks(experiment);
    if (runs.length) this.follow(await this.found(runs)); // the page tries again what cannot be read
  }

  /**
   * The jobs of an earlier visit that are still there.
   * @param {Started[]} runs
   */
  async found(runs) {
    /** @type {(Job | null)[]} */
    const jobs = await Promise.all(
      runs.map(({ id }) => get(`v1/jobs/${id}`, { signal: this.signal }).catch(nullIfMissing)),
    );
    const there = runs.map((run, i) => ({ ...run, job: jobs[i] })).filter(({ job }) => job);
    if (there.length < runs.length) this.status.textContent = t("lessons.gone");
    return /** @type {(Started & { job: Job })[]} */ (there);
  }

  async start() {
    if (this.startButton.getAttribute("aria-disabled") === "true") return;
    /** @type {Started[]} */
    const runs = [];
    const { name } = this.lesson;
    this.clear();
    this.startButton.setAttribute("aria-disabled", "true");
    storeProgress(name, { runs: [], experiment: null });
    const onStarted = (/** @type {Started} */ run) => {
      runs.push(run);
      storeProgress(name, { runs });
    };
    try {
      const experiment = await startLesson(this.lesson, this.dataset, onStarted);
      storeProgress(name, { experiment });
      this.showLinks(experiment);
    } catch (error) {
      if (!this.signal.aborted) this.error.textContent = requestError(error);
    }
    await this.showRuns(runs);
  }

  /**
   * Shows the runs of a start; after an outage by itself.
   * @param {Started[]} runs
   */
  async showRuns(runs) {
    try {
      const found = await this.found(runs);
      if (!this.signal.aborted) this.follow(found);
    } catch (error) {
      if (this.signal.aborted) return;
      this.error.textContent = requestError(error);
      this.showButton();
      if (!isTemporary(error)) return;
      const again = () => {
        this.error.textContent = "";
        this.showRuns(runs);
      };
      addEventListener("serviceback", again, { once: true, signal: this.signal });
    }
  }

  clear() {
    this.following.abort();
    this.runs = [];
    this.error.textContent = "";
    this.status.textContent = "";
    this.curves = null;
    fill(this.grid);
    fill(this.links);
    this.question.refresh();
  }

  /**
   * Shows the runs and reads their logs to the end.
   * @param {(Started & { job: Job })[]} started
   */
  async follow(started) {
    this.following = new AbortController();
    const { signal } = this.following;
    this.runs = started.map(({ arm, job }) => new LessonRun(this.lesson, arm, job, signal, () => this.receive()));
    this.curves = this.lesson.seeds ? new LessonCurves(this.lesson, this.runs, signal) : null;
    fill(
      this.grid,
      this.curves?.element,
      this.runs.map((run) => run.element),
    );
    this.receive();
    const waiting = [...this.runs];
    const readNext = async () => {
      for (let run = waiting.shift(); run && !signal.aborted; run = waiting.shift()) await run.follow();
    };
    await Promise.all(Array.from({ length: LOGS_AT_ONCE }, readNext));
    if (!signal.aborted) this.end();
  }

  receive() {
    this.curves?.refresh();
    this.showStatus();
    this.question.refresh();
    this.showButton();
  }

  end() {
    this.receive();
    if (this.runs.length) announce(this.status.textContent ?? "");
  }

  showStatus() {
    const { runs } = this;
    if (!runs.length) return;
    const ended = runs.filter(({ log }) => hasEnded(log)).length;
    const queued = runs.every(({ log }) => log.status === "queued");
    const place = runs[0].job.queue_position;
    const sentence = t("lessons.counts", { ended, total: runs.length });
    const waits = queued && place && place > 1 ? ` ${t("lessons.queued", { position: place })}` : "";
    const isUnanswered = ended === runs.length && !this.question.reading();
    this.status.textContent = isUnanswered ? t("lessons.unanswered") : sentence + waits;
  }

  /** A disabled button would lose the keyboard's focus. */
  showButton() {
    const isRunning = this.runs.some(({ log }) => !hasEnded(log));
    this.startButton.setAttribute("aria-disabled", String(isRunning));
    const { arms, seeds = 1, seconds } = this.lesson;
    const key = this.runs.length ? "lessons.again" : "lessons.start";
    this.startButton.textContent = t(key, { runs: arms.length * seeds, seconds });
  }

  /** @param {string | null} experiment */
  showLinks(experiment) {
    fill(
      this.links,
      experiment && h("a", { class: "button", href: `#/experiment/${experiment}` }, t("lessons.experiment")),
    );
  }

  /** The address of the form with the configuration of the arm that the lesson names for it. */
  tryMore() {
    const body = this.lesson.arms[this.lesson.tryArm ?? 0].body;
    return addressOf("train", bodyOn(body, this.dataset));
  }
}

/**
 * Null for a job that has been deleted; any other error is thrown again.
 * @param {unknown} error
 * @returns {null}
 */
function nullIfMissing(error) {
  if (error instanceof Problem && error.status === NOT_FOUND) return null;
  throw error;
}
