// @ts-check
// The first view: a pad that a network reads at once, the network as a picture, and one button that trains another.
// While it trains the pad stays, the curve grows, and the newest weights read the drawing again and again.

import { get, send } from "../net/api.js";
import { requestBody } from "../net/configuration.js";
import { Draft } from "../net/draft.js";
import { sweepOf, withoutLists } from "../net/experiments.js";
import { hasEnded } from "../net/jobs.js";
import { readLive } from "../net/live_model.js";
import { readNetwork } from "../net/network.js";
import { Reader } from "../net/reader.js";
import { oneAtATime } from "../net/timing.js";
import { NetworkPicture } from "../plots/network_picture.js";
import { Answer } from "../ui/answer.js";
import { button, fill, h, panel } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { quietForm, submitForm } from "../ui/form_errors.js";
import { ignoredNotice } from "../ui/ignored.js";
import { PadPanel } from "../ui/pad_panel.js";
import { StartBar } from "../ui/start_bar.js";
import { t } from "../ui/words.js";
import { LearnSettings } from "./learn_settings.js";

/**
 * @import { Job, Layer, Options, Prediction, Version } from "../net/types.d.ts"
 * @import { LearnRun } from "./learn_run.js"
 */

/** Loads what shows a training. The first view is usable without it. */
const loadRun = () => import("./learn_run.js");

/** The job that this tab shows when it comes back to the view. */
const STORAGE_KEY = "naivenet.learn";
const NEWER_WEIGHTS_MS = 400;

/**
 * Shows the pad and the network, and a job where the address names one or one still trains.
 * @param {HTMLElement} root
 * @param {string} jobId
 * @param {AbortSignal} signal
 */
export async function learn(root, jobId, signal) {
  const [options, live] = await Promise.all([get("v1/options", { signal }), readLive(signal).catch(() => null)]);
  const view = new LearnView(options, live, signal);
  fill(root, view.parts());
  view.start(jobId);
  await view.showJobAgain(jobId);
  const prepare = () => loadRun().catch(() => {}); // so that the first training shows at once
  for (const touch of ["pointerdown", "keydown"]) root.addEventListener(touch, prepare, { once: true });
}

class LearnView {
  /** @type {LearnRun | null} The newest job of this view. */
  run = null;
  /** @type {Job | null} The one before it. */
  before = null;

  /**
   * @param {Options} options
   * @param {Version | null} live What answers before anything is trained.
   * @param {AbortSignal} signal
   */
  constructor(options, live, signal) {
    this.live = live;
    this.signal = signal;
    this.draft = new Draft(options, signal);
    this.panel = new PadPanel((isOther) => this.readPad(isOther), signal);
    this.pad = this.panel.pad;
    this.answer = new Answer();
    this.who = h("p", { class: "hint", id: "who" });
    this.teach = h("a", { href: "#/draw", id: "teach-it", hidden: true }, t("learn.teach")); // with the drawing
    const { layers } = this.config.network;
    this.network = new NetworkPicture({ layers, options, signal, onChange: (changed) => this.useLayers(changed) });
    this.reader = new Reader(
      {
        path: () => this.predictionPath(),
        image: () => (this.pad.isBlank ? null : this.pad.image()),
        onAnswer: (answer) => this.showAnswer(answer),
        onError: (error) => this.answer.showError(requestError(error)),
        onSlow: () => this.answer.showReading(),
      },
      signal,
    );
    this.inside = h("a", { href: "#/look", id: "look-inside", hidden: true }, t("tab.look"));
    this.settings = new LearnSettings(this.draft, () => this.refresh());
    this.begin = button(t("learn.start"), () => this.train(), { class: "main", id: "start" });
    this.stop = button(t("learn.stop"), () => this.run?.cancel(), { id: "stop", hidden: true });
    this.bar = new StartBar([this.begin, this.stop], signal);
    this.training = h("section", { class: "training", "aria-label": t("learn.training"), hidden: true });
    this.showWeights = oneAtATime(() => this.readWeights());
  }

  /** What a job of this view trains: of a field with several values the first, as an experiment belongs to Train. */
  get config() {
    return withoutLists(this.draft.config);
  }

  parts() {
    const { frame, tools } = this.panel;
    this.form = quietForm("learn");
    fill(
      this.form,
      h("h1", {}, t("learn.title")),
      ignoredNotice(this.draft),
      h(
        "div",
        { class: "learning" },
        h("section", { class: "panel pad-panel", "aria-label": t("draw.pad") }, frame, tools),
        h(
          "div",
          { class: "reading" },
          this.answer.element,
          h("div", { class: "read-by" }, this.who, this.teach),
          this.answer.notes,
        ),
        this.training,
        this.settings.element,
        panel(t("learn.network"), this.network.element, this.inside),
      ),
      this.panel.help(),
      this.bar.element,
    );
    return [this.form];
  }

  /** @param {string} jobId */
  start(jobId) {
    this.draft.moveTo(jobId ? `learn/${jobId}` : "learn");
    this.refresh();
    this.who.textContent = this.live ? "" : t("learn.no_model");
    this.inside.hidden = !this.live;
    this.readPad(true);
    if (this.live) this.showWeights();
  }

  /** Shows what the visitor has changed. */
  refresh() {
    const { config, draft } = this;
    if (!this.run?.isTraining) this.network.setLayers(config.network.layers);
    const body = requestBody(config, draft.options.presets);
    const isExperiment = Boolean(draft.change) || Object.keys(sweepOf(draft.config)).length > 0;
    this.settings.experiment.hidden = !isExperiment;
    this.bar.show({ config, body }, { isExperiment: false });
    this.begin.hidden = Boolean(this.run?.isTraining);
    this.stop.hidden = !this.run?.isTraining;
    draft.keep();
  }

  /** @param {Layer[]} layers */
  useLayers(layers) {
    this.draft.config.network.layers = layers;
    this.refresh();
  }

  // --- What answers ---

  /** Whether the job of this view has weights that can answer. */
  get runAnswers() {
    return Boolean(this.run?.hasWeights);
  }

  predictionPath() {
    const explained = "trace=true&explain=activations";
    if (this.runAnswers) return `v1/jobs/${this.run?.job.id}/predict?${explained}`;
    return this.live && `v1/predict?model=digits&version=${this.live.version}&${explained}`;
  }

  /**
   * Reads what is on the pad.
   * @param {boolean} isOther Whether an earlier answer belongs to another picture.
   */
  readPad(isOther) {
    if (!isOther) return this.reader.read();
    this.answer.clear();
    this.teach.hidden = true;
    this.network.showActivations(null, null);
    this.reader.begin();
  }

  /** @param {Prediction} answer */
  showAnswer(answer) {
    this.answer.show(answer);
    this.teach.hidden = false;
    const { step, version } = answer;
    this.who.textContent = step ? t("draw.step", { step }) : t("learn.by_model", { version: version ?? "" });
    this.network.showActivations(answer.activations ?? null, answer.trace ?? null);
  }

  /** Lets the newest weights read the drawing, and shows them. */
  readAgain() {
    this.reader.again();
    this.showWeights();
  }

  async readWeights() {
    const source = this.runAnswers ? `jobs/${this.run?.job.id}` : `checkpoints/${this.live?.checkpoint_id}`;
    if (!this.runAnswers && !this.live?.checkpoint_id) return;
    const weights = await readNetwork(source, this.signal).catch(() => null);
    if (weights && !this.signal.aborted) this.network.showWeights(weights);
    await new Promise((resolve) => setTimeout(resolve, NEWER_WEIGHTS_MS));
  }

  // --- Training ---

  train() {
    if (!this.form || this.run?.isTraining) return;
    this.begin.disabled = true;
    const create = async () =>
      this.follow(await send("POST", "v1/jobs", requestBody(this.config, this.draft.options.presets)));
    submitForm(this.form, this.bar.error, create).finally(() => {
      this.begin.disabled = false;
    });
  }

  /**
   * Shows the job of the address, or the one that this tab has started and that still trains.
   * @param {string} jobId
   */
  async showJobAgain(jobId) {
    const id = jobId || sessionStorage.getItem(STORAGE_KEY);
    if (!id) return;
    const job = await get(`v1/jobs/${id}`, { signal: this.signal }).catch((error) => {
      if (jobId && !this.signal.aborted) this.bar.error.textContent = requestError(error);
    });
    if (job && !this.signal.aborted && (jobId || !hasEnded(job))) await this.follow(job);
  }

  /** @param {Job} job */
  async follow(job) {
    const { LearnRun } = await loadRun();
    if (this.signal.aborted) return;
    this.before = this.run?.job ?? null;
    this.run?.end();
    sessionStorage.setItem(STORAGE_KEY, job.id);
    this.draft.moveTo(`learn/${job.id}`);
    this.network.setLayers(job.network.layers);
    this.run = new LearnRun(job, this.signal, {
      onWeights: () => this.readAgain(),
      onChange: () => this.showRun(),
    });
    this.training.hidden = false;
    fill(this.training, this.run.element);
    this.run.follow();
    this.showRun();
  }

  showRun() {
    const { run } = this;
    if (!run) return;
    this.network.isEditable = !run.isTraining;
    this.refresh();
    if (run.isTraining) return;
    this.readAgain();
    const next = {
      draw: () => this.drawAgain(),
      change: () => this.settings.focus(),
      use: (/** @type {Version | null} */ live) => {
        this.live = live;
      },
    };
    run.showResult({ live: this.live, before: this.before }, next);
  }

  drawAgain() {
    this.pad.clear();
    this.pad.canvas.scrollIntoView({ block: "center" });
    this.pad.canvas.focus({ preventScroll: true });
  }
}
