// A job as it trains: its whole log, from the first entry on, and whatever is added to it while somebody looks.

import { follow, get } from "../net/api.js";
import { announce, fill, h, labelled, refill, select, unique } from "../ui/dom.js";
import { controls } from "../ui/controls.js";
import { diagnostic } from "../ui/diagnostics.js";
import { badge, ENDED, lineOf, nameOf, newest, nothingYet } from "../ui/jobs.js";
import { FEW, marked, Plot } from "../plots/plot.js";
import { Series } from "../plots/series.js";
import { failure, refusal } from "../ui/trouble.js";
import { duration, number, percent, t } from "../ui/words.js";

const LOOK_EVERY_MS = 1000;

/** Shows a job, the newest where none is named. */
export async function watch(root, id, signal) {
  const jobs = await newest(signal);
  if (!jobs.length) return void fill(root, h("h1", {}, t("watch.title")), nothingYet());
  const job = jobs.find((one) => one.id === id) ?? (id ? await get(`v1/jobs/${id}`, { signal }) : jobs[0]);
  if (!jobs.includes(job)) jobs.push(job);
  const view = new Watching(job, jobs, signal);
  fill(root, view.parts());
  await view.begin();
}

/** Where an axis ends: a little after what is there, so that the beginning of a long run is no line at the edge. */
const room = (there, inAll, least) => Math.max(2, there, Math.min(inAll, Math.max(least, there * 1.2)));

class Watching {
  constructor(job, jobs, signal) {
    Object.assign(this, { job, jobs, signal, epochs: [], changes: [], series: new Series() });
    this.log = false;
    this.state = h("span", { id: "state" });
    this.link = h("p", { class: "link", role: "status", hidden: true }, t("watch.away"));
    this.controls = h("div", { class: "controls" });
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("watch.progress") });
    this.facts = h("dl", { class: "facts" });
    this.readout = h("p", { class: "readout", id: "readout" });
    this.table = h("tbody");
    this.told = h("ul", { class: "told", id: "diagnostics" });
    this.next = h("p", { class: "next" });
    this.lossCanvas = h("canvas", { class: "plot", tabIndex: 0, role: "img", id: "loss" });
    this.accuracyCanvas = h("canvas", { class: "plot small", tabIndex: 0, role: "img", id: "accuracy" });
    this.loss = new Plot(this.lossCanvas, () => this.lossPicture(), signal);
    this.accuracy = new Plot(this.accuracyCanvas, () => this.accuracyPicture(), signal);
    this.loss.onpoint = () => this.tellPoint();
    this.accuracy.onpoint = (epoch) => this.tellEpoch(epoch);
  }

  parts() {
    const chosen = select(this.jobs.map((job) => [job.id, lineOf(job)]), this.job.id, (id) => { location.hash = `#/watch/${id}`; });
    return [
      h("div", { class: "head" }, h("h1", {}, nameOf(this.job)), this.state, labelled(t("watch.which"), chosen, { class: "field which" })),
      this.link, this.controls, this.progress, this.facts, this.told,
      h("section", { class: "panel" },
        h("div", { class: "panel-head" }, h("h2", {}, t("watch.loss")), this.legend(), this.knobs()),
        this.lossCanvas, this.readout),
      h("div", { class: "two" },
        h("section", { class: "panel" }, h("h2", {}, t("watch.accuracy")),
          h("p", { class: "legend" }, h("span", { class: "key a" }, t("figure.train_accuracy")), h("span", { class: "key b" }, t("figure.test_accuracy"))),
          this.accuracyCanvas),
        h("section", { class: "panel" }, h("h2", {}, t("watch.epochs")), this.epochTable())),
      this.next,
    ];
  }

  legend() {
    return h("p", { class: "legend" }, h("span", { class: "key pale" }, t("watch.each")), h("span", { class: "key a" }, t("watch.smooth")),
      h("span", { class: "key dash" }, t("watch.mark")));
  }

  knobs() {
    const smoothing = h("input", {
      type: "range", min: 0, max: 3, step: 0.05, value: 1.7, id: unique("knob"),
      oninput: (event) => { this.series.reweigh(1 - 10 ** -Number(event.target.value)); this.loss.refresh(); },
    });
    const log = h("input", { type: "checkbox", id: unique("knob"), onchange: (event) => { this.log = event.target.checked; this.loss.refresh(); } });
    return h("div", { class: "knobs" }, h("label", { htmlFor: smoothing.id }, t("watch.smoothing")), smoothing, log, h("label", { htmlFor: log.id }, t("watch.log")));
  }

  epochTable() {
    const heads = ["epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "seconds"];
    return h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("watch.epochs") },
      h("table", { id: "epochs" }, h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, t(`figure.${name}`))))), this.table));
  }

  async begin() {
    this.show(this.job);
    this.loss.refresh();
    this.accuracy.refresh();
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.signal.addEventListener("abort", () => clearInterval(this.looking));
    follow(this.job.id, {
      signal: this.signal,
      heard: (events) => this.hear(events),
      connected: (here) => { this.link.hidden = here; },
    }).catch((error) => { this.link.hidden = false; this.link.textContent = refusal(error); });
  }

  async look() {
    if (ENDED.includes(this.job.status)) return void clearInterval(this.looking);
    if (document.hidden) return;
    try {
      this.show(await get(`v1/jobs/${this.job.id}`, { signal: this.signal }));
    } catch { /* the log's own connection says when the service is away */ }
  }

  hear(events) {
    for (const { type, data } of events) this[`on_${type}`]?.(data);
    this.loss.refresh();
    this.tellPoint();
  }

  on_steps({ first_step: first, losses }) {
    this.series.push(losses.slice(Math.max(0, this.series.length - first + 1)));
  }

  on_epoch(epoch) {
    this.epochs.push(epoch);
    const cells = [number(epoch.epoch), number(epoch.train_loss), number(epoch.test_loss), percent(epoch.train_accuracy), percent(epoch.test_accuracy), number(epoch.seconds, 2)];
    this.table.prepend(h("tr", {}, cells.map((cell, i) => h(i ? "td" : "th", i ? {} : { scope: "row" }, cell))));
    this.accuracy.refresh();
  }

  on_change(change) {
    this.changes.push(change);
    const what = ["learning_rate", "momentum"].filter((name) => change[name] !== null && change[name] !== undefined).map((name) => `${t(`parameter.${name}`)} ${number(change[name])}`).join(", ");
    this.told.append(h("li", { class: "change" }, t("watch.changed", { step: change.step, what })));
  }

  on_diagnostic(data) {
    this.told.append(diagnostic(data));
  }

  async on_status({ status, reason }) {
    if (reason) this.told.append(h("li", { class: "warning" }, failure(reason)));
    if (status !== this.job.status || ENDED.includes(status)) {
      const job = await get(`v1/jobs/${this.job.id}`, { signal: this.signal }).catch(() => null);
      if (job) this.show(job);
    }
  }

  show(job) {
    const turned = this.job.status !== job.status || !this.controls.hasChildNodes();
    if (this.job.status !== job.status) announce(t("watch.now", { status: t(`status.${job.status}`) }));
    this.job = job;
    const { step, total_steps: total, samples_per_second: rate, estimated_finish: end } = job.progress;
    this.progress.value = total ? step / total : 0;
    const last = this.epochs.at(-1) ?? {};
    const facts = {
      epoch: `${number(job.progress.epoch)} / ${number(job.epochs)}`,
      step: total ? `${number(step)} / ${number(total)}` : number(step),
      test_accuracy: percent(job.result?.test_accuracy ?? last.test_accuracy, 2),
      rate: rate ? number(Math.round(rate)) : "–",
      left: end && !ENDED.includes(job.status) ? duration((new Date(end) - Date.now()) / 1000) : "–",
      learning_rate: number(job.optimizer.learning_rate),
    };
    fill(this.facts, Object.entries(facts).map(([name, value]) => h("div", { "data-fact": name }, h("dt", {}, t(`fact.${name}`)), h("dd", {}, value))));
    if (!turned) return;
    fill(this.state, badge(job.status));
    refill(this.controls, controls(job, (changed) => this.show(changed)));
    if (job.error && !this.told.querySelector(".failure")) this.told.append(h("li", { class: "warning failure" }, failure(job.error)));
    this.offerNext();
  }

  offerNext() {
    const { id } = this.job;
    fill(this.next,
      h("a", { class: "button", href: `#/draw/job:${id}` }, t("next.draw")),
      h("a", { class: "button", href: `#/look/${id}` }, t("next.look")),
      h("a", { class: "button", href: `#/compare/${id}` }, t("next.compare")),
      h("a", { class: "button", href: `#/train/${id}` }, t("next.again")));
  }

  lossPicture() {
    const { series, epochs, job } = this;
    const high = room(series.length, job.progress.total_steps ?? series.length, 200);
    this.lossCanvas.setAttribute("aria-label", t("watch.loss.said", { steps: series.length, loss: series.smooth.at(-1) ?? NaN }));
    return {
      x: { low: 1, high }, log: this.log, floor: this.log ? null : 0, empty: t("watch.waiting"),
      marks: marked(epochs.length).map((epoch) => epochs[epoch - 1].step),
      series: [{ values: series.values, paint: "curve", thickness: 1, opacity: 0.35 }, { values: series.smooth, paint: "curve", thickness: 2.2 }],
    };
  }

  accuracyPicture() {
    const { epochs, job } = this;
    this.accuracyCanvas.setAttribute("aria-label", t("watch.accuracy.said", { epochs: epochs.length, share: percent(epochs.at(-1)?.test_accuracy) }));
    const of = (name, paint) => ({ values: epochs.map((epoch) => epoch[name]), at: (i) => epochs[i].epoch, paint, thickness: 2, dots: epochs.length <= FEW });
    return {
      x: { low: 1, high: room(epochs.length, job.epochs, 4) }, ceiling: 1, empty: t("watch.waiting"), format: (share, digits) => percent(share, digits > 3 ? 1 : 0),
      series: [of("train_accuracy", "curve"), of("test_accuracy", "second")],
    };
  }

  tellPoint() {
    const { series, loss } = this;
    if (!series.length) return;
    const i = loss.cursor === null ? series.length - 1 : Math.min(series.length, Math.round(loss.cursor)) - 1;
    this.readout.textContent = t("watch.point", { step: i + 1, loss: number(series.values[i]), smooth: number(series.smooth[i]) });
  }

  tellEpoch(at) {
    const epoch = this.epochs[Math.round(at ?? this.epochs.length) - 1];
    if (epoch) this.accuracyCanvas.title = t("watch.epoch.point", { epoch: epoch.epoch, train: percent(epoch.train_accuracy), test: percent(epoch.test_accuracy) });
  }
}
