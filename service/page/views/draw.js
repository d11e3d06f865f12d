// @ts-check
// The view to draw a digit: a pad or an image file, and the answer of a model or of a job that trains.

import { get, sendImage } from "../net/api.js";
import { hasEnded, newestJobs } from "../net/jobs.js";
import { oneAtATime, repeat } from "../net/timing.js";
import { button, fill, h, labelled, optionElements, select, uniqueId } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { Pad } from "../ui/pad.js";
import { t } from "../ui/words.js";
import { AnswerPanels } from "./draw_answer.js";
import { canAnswer, LIVE, predictionPath, sourceOptions } from "./draw_sources.js";

/** @import { Sources } from "./draw_sources.js" */

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
  const view = new DrawView(await readSources(signal), source || LIVE, signal);
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
   * @param {AbortSignal} signal
   */
  constructor(sources, source, signal) {
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
  }

  parts() {
    const link = h("a", { href: "#/train" }, t("jobs.first"));
    return [
      h("h1", {}, t("draw.title")),
      h("p", { class: "lead" }, t("draw.lead")),
      !this.canAnswer && h("p", { class: "trouble" }, t("draw.no_model"), " ", link),
      h(
        "div",
        { class: "drawing" },
        this.padSection(),
        this.answer.answerSection(),
        this.answer.inputSection(labelled(t("draw.source"), this.chooser)),
      ),
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

  get canAnswer() {
    return canAnswer(this.sources, this.source);
  }

  useDrawing() {
    this.file = null;
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
    this.refresh();
    this.answer.bringIntoSight();
  }

  get isBlank() {
    return this.pad.isBlank && !this.file;
  }

  /** Shows the answer to what is on the pad. */
  refresh() {
    if (this.isBlank) this.answer.clear();
    this.predict();
  }

  async predictOnce() {
    if (!this.canAnswer) return;
    if (this.isBlank) return this.answer.clear();
    try {
      const image = this.file ?? (await this.pad.toPng());
      this.answer.show(await sendImage(predictionPath(this.source), image, this.signal));
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
