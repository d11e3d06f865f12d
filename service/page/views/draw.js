// @ts-check
// The view to draw a digit: a pad or an image file, the answer of a model or of a job, and the visitor's own digits.

import { get } from "../net/api.js";
import { hasEnded, newestJobs } from "../net/jobs.js";
import { OwnDigits } from "../net/own_digits.js";
import { ownKey } from "../net/own_key.js";
import { Reader } from "../net/reader.js";
import { randomTestDigit } from "../net/test_digit.js";
import { repeat } from "../net/timing.js";
import { button, fill, h, optionElements } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { openingSelect } from "../ui/opening_select.js";
import { PadPanel } from "../ui/pad_panel.js";
import { t } from "../ui/words.js";
import { AnswerPanels } from "./draw_answer.js";
import { fileButtons } from "./draw_files.js";
import { LabelButtons } from "./draw_labels.js";
import { canAnswer, LIVE, predictionPath, sourceOptions, whyNoAnswer } from "./draw_sources.js";
import { Teaching } from "./draw_teach.js";
import { Tray } from "./draw_tray.js";

/**
 * @import { OwnKey } from "../net/own_key.js"
 * @import { Reading } from "../net/reader.js"
 * @import { Prediction } from "../net/types.d.ts"
 * @import { Sources } from "./draw_sources.js"
 */

/** A job that trains reads the digit again and again with newer weights. */
const ASK_AGAIN_MS = 1000;
const LIST_AGAIN_MS = 5000;

/**
 * Shows the pad.
 * @param {HTMLElement} root
 * @param {string} source What answers: a model's alias or version (`digits@live`, `digits@2`) or a job (`job:job_…`).
 * @param {AbortSignal} signal
 */
export async function draw(root, source, signal) {
  const [sources, key] = await Promise.all([readSources(signal), ownKey(signal)]);
  const view = new DrawView(sources, source || LIVE, { key, signal });
  fill(root, view.parts());
  view.start();
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Sources>}
 */
async function readSources(signal) {
  const [{ data: models }, jobs] = await Promise.all([get("v1/models", { signal }), newestJobs(signal)]);
  return { models, jobs };
}

class DrawView {
  /** @type {number | null} What the test digit on the pad shows; it is revealed after the answer. */
  label = null;

  /**
   * @param {Sources} sources
   * @param {string} source
   * @param {{ key: OwnKey, signal: AbortSignal }} visit
   */
  constructor(sources, source, { key, signal }) {
    this.sources = sources;
    this.source = source;
    this.signal = signal;
    this.answer = new AnswerPanels();
    this.panel = new PadPanel((isOther) => this.refresh(isOther), signal);
    this.pad = this.panel.pad;
    const open = (/** @type {string} */ other) => {
      location.hash = `#/draw/${other}`;
    };
    const offered = sourceOptions(sources, source);
    const { element, list } = openingSelect(t("draw.source"), offered, source, open, { id: "source" });
    this.chooser = list;
    this.chooserField = element;
    this.truth = h("p", { role: "status", id: "truth" });
    this.reader = new Reader(this.reading(), signal);
    const digits = new OwnDigits(key);
    this.teaching = new Teaching(digits, signal, {
      onSteps: (jobId) => this.answerWith(`job:${jobId}`),
      onUse: () => this.answerWith(LIVE),
    });
    this.tray = new Tray(digits, signal, () => this.teaching.showButton());
    this.labels = new LabelButtons(this.tray, () => this.pad.image());
  }

  /** @returns {Reading} */
  reading() {
    return {
      path: () => (this.canAnswer ? predictionPath(this.source) : null),
      image: () => (this.pad.isBlank ? null : this.pad.image()),
      onAnswer: (answer) => this.showAnswer(answer),
      onError: (error) => this.showError(error),
      onSlow: () => this.answer.showReading(),
    };
  }

  parts() {
    const link = h("a", { href: "#/train" }, t("jobs.first"));
    return [
      h("h1", {}, t("draw.title")),
      h("p", { class: "lead" }, t("draw.lead")),
      !this.canAnswer && h("p", { class: "trouble" }, whyNoAnswer(this.sources, this.source), " ", link),
      h(
        "div",
        { class: "drawing" },
        this.padSection(),
        this.answer.element,
        this.belowAnswer(),
        this.answer.inputSection(this.chooserField),
      ),
      h("div", { class: "two own" }, this.tray.element, this.teaching.element),
    ];
  }

  padSection() {
    const { frame, tools } = this.panel;
    return h("section", { class: "panel pad-panel", "aria-label": t("draw.pad") }, frame, tools);
  }

  /** What has a changing height, so that nothing moves while the visitor draws. */
  belowAnswer() {
    const open = (/** @type {File} */ file) => this.openImage(file);
    const testDigit = button(t("draw.test_digit"), () => this.openTestDigit(), { id: "test-digit" });
    return h(
      "section",
      { class: "panel below", "aria-label": t("draw.more") },
      this.answer.notes,
      this.truth,
      this.labels.element,
      h("div", { class: "buttons" }, testDigit, fileButtons(open)),
      this.panel.help(),
    );
  }

  start() {
    if (this.isTraining) repeat(ASK_AGAIN_MS, () => this.isTraining && this.reader.again(), this.signal);
    repeat(LIST_AGAIN_MS, () => this.listSourcesAgain(), this.signal);
    this.acceptFiles();
    this.tray.load();
    this.teaching.resume();
    this.refresh(true);
  }

  /** Opens an image that is pasted into the page or dropped on it. */
  acceptFiles() {
    const { signal } = this;
    addEventListener("paste", (event) => this.openImage(imageIn(event.clipboardData)), { signal });
    addEventListener("dragover", (event) => event.preventDefault(), { signal });
    addEventListener("drop", (event) => this.drop(event), { signal });
  }

  /** @param {DragEvent} event */
  drop(event) {
    event.preventDefault();
    this.openImage(imageIn(event.dataTransfer));
  }

  /** Lists models and jobs that are new, unless the visitor has the list open. */
  async listSourcesAgain() {
    if (document.activeElement === this.chooser) return;
    const sources = await readSources(this.signal).catch(() => null);
    if (!sources || document.activeElement === this.chooser) return;
    const couldAnswer = this.canAnswer;
    this.sources = sources;
    fill(this.chooser, ...optionElements(sourceOptions(sources, this.source), this.source));
    if (this.canAnswer && !couldAnswer) this.reader.begin();
  }

  /**
   * Lets another source answer, without leaving the view.
   * @param {string} source
   */
  answerWith(source) {
    const isOther = source !== this.source;
    this.source = source;
    if (isOther) this.listSourcesAgain();
    this.reader.read();
  }

  /** Whether a job answers that may have newer weights later. */
  get isTraining() {
    const job = this.sources.jobs.find(({ id }) => this.source === `job:${id}`);
    return job !== undefined && !hasEnded(job);
  }

  get canAnswer() {
    return canAnswer(this.sources, this.source);
  }

  /**
   * Shows an image on the pad and sends it, unchanged, to the service.
   * @param {Blob | undefined} file
   */
  async openImage(file) {
    if (!file) return;
    // The service reports a broken image better than the browser can
    const image = await createImageBitmap(file).catch(() => null);
    if (this.signal.aborted) return;
    this.pad.show(image, file);
    this.answer.element.scrollIntoView({ block: "nearest" });
  }

  /** Shows a picture of the test set. What it shows is revealed after the answer. */
  async openTestDigit() {
    try {
      const { file, label } = await randomTestDigit(this.signal);
      await this.openImage(file);
      this.label = label;
    } catch (error) {
      if (!this.signal.aborted) this.showError(error);
    }
  }

  /**
   * Reads what is on the pad.
   * @param {boolean} isOther Whether an earlier answer belongs to another picture.
   */
  refresh(isOther) {
    this.labels.forget();
    this.label = null;
    this.truth.textContent = "";
    if (!isOther) return this.reader.read();
    this.answer.clear();
    this.labels.show(false);
    this.reader.begin();
  }

  /** @param {Prediction} answer */
  showAnswer(answer) {
    this.answer.show(answer);
    this.labels.show(this.label === null);
    this.truth.textContent = this.label === null ? "" : truth(this.label, answer);
  }

  /** @param {unknown} error */
  showError(error) {
    this.answer.showError(requestError(error));
    this.labels.show(false);
  }
}

/**
 * @param {number} label
 * @param {Prediction} answer
 */
const truth = (label, { digit }) => t(digit === label ? "draw.test_right" : "draw.test_wrong", { label });

/**
 * The first image among the files of a clipboard or a drop.
 * @param {DataTransfer | null} transfer
 */
const imageIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
