// @ts-check
// The view to draw a digit: a pad or an image file, the answer of a model or of a job, and the visitor's own digits.

import { get, sendImage } from "../net/api.js";
import { hasEnded, newestJobs } from "../net/jobs.js";
import { OwnDigits } from "../net/own_digits.js";
import { ownKey } from "../net/own_key.js";
import { oneAtATime, repeat } from "../net/timing.js";
import { button, fill, h, labelled, optionElements, select, uniqueId } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { Pad } from "../ui/pad.js";
import { t } from "../ui/words.js";
import { AnswerPanels } from "./draw_answer.js";
import { LabelButtons } from "./draw_labels.js";
import { canAnswer, LIVE, predictionPath, sourceOptions, whyNoAnswer } from "./draw_sources.js";
import { Lesson } from "./draw_teach.js";
import { Tray } from "./draw_tray.js";

/**
 * @import { OwnKey } from "../net/own_key.js"
 * @import { Sources } from "./draw_sources.js"
 */

/** A job that trains reads the digit again and again with newer weights. */
const ASK_AGAIN_MS = 1000;
const LIST_AGAIN_MS = 5000;

/** @type {HTMLCanvasElement | null} The drawing, while another view is shown. */
let keptDrawing = null;

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
  /** @type {File | null} An image that is shown instead of a drawing. */
  file = null;

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
    this.pad = new Pad(padCanvas(), () => this.useDrawing());
    const open = (/** @type {string} */ other) => {
      location.hash = `#/draw/${other}`;
    };
    this.chooser = select(sourceOptions(sources, source), source, open, { id: "source" });
    this.predict = oneAtATime(() => this.predictOnce());
    const digits = new OwnDigits(key);
    this.lesson = new Lesson(digits, signal, {
      onSteps: (jobId) => this.answerWith(`job:${jobId}`),
      onUse: () => this.answerWith(LIVE),
    });
    this.tray = new Tray(digits, signal, () => this.lesson.showButton());
    this.labels = new LabelButtons(this.tray, () => this.image());
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
        this.answer.answerSection(this.labels.element),
        this.answer.inputSection(labelled(t("draw.source"), this.chooser)),
      ),
      h("div", { class: "two own" }, this.tray.element, this.lesson.element),
    ];
  }

  padSection() {
    const id = uniqueId("file");
    const picker = h("input", {
      type: "file",
      accept: "image/*",
      id,
      class: "unseen",
      onchange: (event) => this.openImage(event.target.files[0]),
    });
    const clear = button(t("draw.clear"), () => this.pad.clear(), { id: "clear" });
    return h(
      "section",
      { class: "panel", "aria-label": t("draw.pad") },
      this.pad.canvas,
      h("div", { class: "buttons" }, clear, h("label", { class: "button", htmlFor: id }, t("draw.file")), picker),
      h("p", { class: "hint", id: "pad-help" }, t("draw.help")),
    );
  }

  start() {
    const job = this.sources.jobs.find(({ id }) => this.source === `job:${id}`);
    if (job && !hasEnded(job)) repeat(ASK_AGAIN_MS, () => this.refresh(), this.signal);
    repeat(LIST_AGAIN_MS, () => this.listSourcesAgain(), this.signal);
    this.acceptFiles();
    this.tray.load();
    if (keptDrawing) this.pad.show(keptDrawing);
    this.signal.addEventListener("abort", () => {
      keptDrawing = this.pad.isBlank ? null : this.pad.canvas;
    });
    this.refresh();
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
    if (this.canAnswer && !couldAnswer) this.refresh();
  }

  /**
   * Lets another source answer, without leaving the view.
   * @param {string} source
   */
  answerWith(source) {
    const isOther = source !== this.source;
    this.source = source;
    if (isOther) this.listSourcesAgain();
    this.refresh();
  }

  get canAnswer() {
    return canAnswer(this.sources, this.source);
  }

  useDrawing() {
    this.file = null;
    this.labels.forget();
    this.refresh();
  }

  /**
   * Shows an image on the pad and sends it, unchanged, to the service.
   * @param {File | undefined} file
   */
  async openImage(file) {
    if (!file) return;
    // The service reports a broken image better than the browser can
    const image = await createImageBitmap(file).catch(() => null);
    if (image) this.pad.show(image);
    this.file = file;
    this.labels.forget();
    this.refresh();
    this.answer.bringIntoSight();
  }

  get isBlank() {
    return this.pad.isBlank && !this.file;
  }

  /** What is on the pad, as the service receives it. @returns {Promise<Blob>} */
  async image() {
    return this.file ?? this.pad.toPng();
  }

  /** Shows the answer to what is on the pad. */
  refresh() {
    if (this.isBlank) this.clearAnswer();
    this.predict();
  }

  clearAnswer() {
    this.answer.clear();
    this.labels.show(false);
  }

  async predictOnce() {
    if (!this.canAnswer) return;
    if (this.isBlank) return this.clearAnswer();
    try {
      this.answer.show(await sendImage(predictionPath(this.source), await this.image(), this.signal));
      this.labels.show(true);
    } catch (error) {
      if (!this.signal.aborted) this.answer.showError(requestError(error));
    }
  }
}

const padCanvas = () =>
  h("canvas", {
    class: "pad",
    id: "pad",
    tabIndex: 0,
    role: "application",
    "aria-label": t("draw.pad"),
    "aria-describedby": "pad-help",
  });

/**
 * The first image among the files of a clipboard or a drop.
 * @param {DataTransfer | null} transfer
 */
const imageIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
