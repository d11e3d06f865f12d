// @ts-check
// The view inside a network at any checkpoint: its first layer's weights, weight histograms, and mistakes.

import { get } from "../net/api.js";
import { chooseJob, neverTrained } from "../net/jobs.js";
import { readLive } from "../net/live_model.js";
import { Newest } from "../net/timing.js";
import { readWeights } from "../net/weights.js";
import { Chart } from "../plots/chart.js";
import { fill, h, labelled, panel, refill } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { jobChooser, noJobs, whyUntrained } from "../ui/jobs.js";
import { runLine, sizes } from "../ui/run_line.js";
import { runTabs } from "../ui/run_tabs.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";
import { confusionTable, hardImageItem } from "./look_evaluation.js";
import { NetworkPanel } from "./look_network.js";
import { UnitsPanel } from "./look_units.js";

/**
 * @import { Checkpoint, Evaluation, HardImage, Job, Options } from "../net/types.d.ts"
 * @import { LayerWeights } from "../net/weights.js"
 */

/**
 * @typedef {object} Seen What the view shows; a network that came as a file has no job.
 * @property {Job | null} job
 * @property {Job[]} jobs The others to choose from.
 * @property {Checkpoint[]} checkpoints The oldest first.
 */

/**
 * Shows a job's network, or where the address names no job, the network that answers on the pad.
 * @param {HTMLElement} root
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function look(root, id, signal) {
  const [seen, options] = await Promise.all([readSeen(id, signal), get("v1/options", { signal })]);
  if (!seen) return void fill(root, h("h1", {}, t("look.title")), noJobs());
  const { job, checkpoints } = seen;
  if (job && !checkpoints.length) {
    return void fill(root, jobHead(seen, job, signal), h("p", { class: "trouble" }, whyEmpty(job)));
  }
  const view = new LookView(checkpoints, options, signal);
  fill(root, job ? jobHead(seen, job, signal) : fileHead(checkpoints[0]), view.panels(job));
  if (job) view.history.show(`v1/jobs/${job.id}/histograms`).catch(() => {});
  await view.show(checkpoints.length - 1);
  addEventListener("serviceback", () => view.showOrExplain(view.index), { signal });
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Seen | null>}
 */
async function readSeen(id, signal) {
  const live = id ? null : await readLiveCheckpoint(signal);
  if (live && !live.job_id) return { job: null, jobs: [], checkpoints: [live] };
  const choice = await chooseJob(id || (live?.job_id ?? ""), signal, (job) => job.status !== "queued");
  if (!choice) return null;
  const { data } = await get(`v1/jobs/${choice.job.id}/checkpoints?limit=100`, { signal });
  return { ...choice, checkpoints: data.reverse() };
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Checkpoint | null>}
 */
async function readLiveCheckpoint(signal) {
  const live = await readLive(signal).catch(() => null); // the jobs' request reports an outage
  return live?.checkpoint_id ? get(`v1/checkpoints/${live.checkpoint_id}`, { signal }) : null;
}

/**
 * @param {Seen} seen
 * @param {Job} job
 * @param {AbortSignal} signal
 */
const jobHead = ({ jobs }, job, signal) => [
  runTabs(job, "look"),
  h("div", { class: "head" }, h("h1", {}, t("look.title")), jobChooser("look", jobs, job, signal)),
  h("p", { class: "run-line" }, runLine(job)),
  h("p", { class: "lead" }, t("look.lead")),
];

/** @param {Checkpoint} checkpoint */
const fileHead = ({ network }) => [
  h("h1", {}, t("look.title")),
  h("p", { class: "lead", id: "look-live" }, t("look.live", { sizes: sizes(network) })),
  h("p", {}, h("a", { href: "#/runs" }, t("look.choose"))),
];

/** @param {Job} job */
const whyEmpty = (job) => (neverTrained(job) ? whyUntrained(job) : t("look.no_checkpoint"));

class LookView {
  /** The checkpoint that is shown. */
  index = 0;
  /** @type {Map<string, Promise<LayerWeights[]>>} By checkpoint id. */
  #weights = new Map();
  #requests = new Newest();

  /**
   * @param {Checkpoint[]} checkpoints The oldest first, and at least one.
   * @param {Options} options
   * @param {AbortSignal} signal
   */
  constructor(checkpoints, options, signal) {
    this.checkpoints = checkpoints;
    this.signal = signal;
    this.moment = h("output", { class: "hint" });
    this.network = new NetworkPanel(checkpoints[0].network.layers, options, signal);
    this.units = new UnitsPanel();
    this.histograms = new Chart({ id: "histograms", label: t("look.histograms"), height: 260, signal });
    this.history = new Chart({ id: "drift", label: t("look.history"), height: 280, signal });
    this.mistakes = new Chart({ id: "mistakes", label: t("look.confusion"), height: 460, signal });
    this.confusion = h("div", { class: "unseen" });
    this.hardest = h("ul", { class: "hardest" });
  }

  /** @param {Job | null} job */
  panels(job) {
    const hint = (/** @type {string} */ key) => h("p", { class: "hint" }, t(key));
    return [
      h("section", { class: "panel when" }, job && labelled(t("look.checkpoint"), this.slider()), this.moment),
      this.network.element,
      this.units.element,
      panel(term("weights", t("look.histograms")), this.histograms.element),
      job
        ? panel(t("look.history"), hint("look.history.hint"), this.history.element)
        : panel(t("look.history"), h("p", { id: "no-history" }, t("look.history.no_run"))),
      h(
        "div",
        { class: "two" },
        panel(
          term("confusion_matrix", t("look.confusion")),
          hint("look.confusion.hint"),
          this.mistakes.element,
          this.confusion,
        ),
        panel(t("look.hardest"), hint("look.hardest.hint"), this.hardest),
      ),
    ];
  }

  slider() {
    const last = this.checkpoints.length - 1;
    return h("input", {
      type: "range",
      min: 0,
      max: last,
      value: last,
      id: "epoch",
      oninput: (event) => this.showOrExplain(Number(event.target.value)),
    });
  }

  /**
   * Shows one checkpoint, or why it cannot be shown.
   * @param {number} index
   */
  showOrExplain(index) {
    this.show(index).catch((error) => this.showError(error));
  }

  /**
   * Shows one checkpoint.
   * @param {number} index
   */
  async show(index) {
    const isNewest = this.#requests.start();
    this.index = index;
    const { id, epoch, step } = this.checkpoints[index];
    this.moment.textContent = t("look.moment", { epoch: epoch ?? 0, step: step ?? 0 });
    const [firstLayer] = await this.readWeights(id);
    if (!isNewest()) return;
    this.units.show(firstLayer);
    this.network.show(id).catch((error) => this.showError(error));
    await Promise.all([
      this.histograms.show(`v1/checkpoints/${id}/histograms`),
      this.mistakes.show(`v1/checkpoints/${id}/confusion`),
      this.showEvaluation(id, isNewest),
    ]);
  }

  /**
   * @param {string} checkpointId
   * @param {() => boolean} isNewest
   */
  async showEvaluation(checkpointId, isNewest) {
    /** @type {Evaluation} */
    const evaluation = await get(`v1/checkpoints/${checkpointId}/evaluation`, { signal: this.signal });
    if (!isNewest()) return;
    fill(this.confusion, confusionTable(evaluation));
    const choose = (/** @type {HardImage} */ image) => this.network.choose(image);
    const items = evaluation.hardest.map((image) => hardImageItem(image, choose));
    refill(this.hardest, items);
    await this.network.offer(evaluation.hardest[0]);
  }

  /**
   * The weights of a checkpoint. They are read once; a failed read is tried again the next time.
   * @param {string} id
   * @returns {Promise<LayerWeights[]>}
   */
  readWeights(id) {
    const weights = this.#weights.get(id) ?? readWeights(id);
    this.#weights.set(id, weights);
    weights.catch(() => this.#weights.delete(id));
    return weights;
  }

  /**
   * Shows why a checkpoint cannot be shown: the service may have deleted it meanwhile.
   * @param {unknown} error
   */
  showError(error) {
    if (!this.signal.aborted) this.moment.textContent = requestError(error);
  }
}
