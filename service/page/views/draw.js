// Draw a digit, and see what the network makes of it: its answer, what it saw, and which pixels the answer hangs on.

import { get, sendPicture } from "../net/api.js";
import { button, fill, h, labelled, options, select, unique } from "../ui/dom.js";
import { ENDED, nameOf, newest } from "../ui/jobs.js";
import { Pad } from "../ui/pad.js";
import { refusal } from "../ui/trouble.js";
import { percent, t } from "../ui/words.js";

const LIVE = "digits@live";
const ASK_AGAIN_MS = 1000;
const LOOK_AGAIN_MS = 5000;
const SIZE = 28;

/** Shows the pad; *source* is a model's alias or version, such as "digits@live" or "digits@2", or "job:job_…". */
export async function draw(root, source, signal) {
  const view = new Drawing(await readers(signal), source || LIVE, signal);
  fill(root, view.parts());
  view.begin();
}

/** All that can answer. */
async function readers(signal) {
  const [{ data: models }, jobs] = await Promise.all([get("v1/models", { signal }), newest(signal)]);
  return { models, jobs };
}

class Drawing {
  constructor(those, source, signal) {
    Object.assign(this, { ...those, signal, source });
    this.chooser = select(this.sources(), source, (other) => { location.hash = `#/draw/${other}`; }, { id: "source" });
    this.asking = false;
    this.again = false;
    this.file = null;
    this.canvas = h("canvas", { class: "pad", id: "pad", tabIndex: 0, role: "application", "aria-label": t("draw.pad"), "aria-describedby": "pad-help" });
    this.pad = new Pad(this.canvas, () => { this.file = null; this.ask(); });
    this.digit = h("output", { class: "digit", id: "digit", "aria-live": "polite" }, "?");
    this.sure = h("p", { class: "sure" });
    this.bars = Array.from({ length: 10 }, (_, digit) => this.bar(digit));
    this.saw = h("img", { alt: t("draw.saw"), hidden: true });
    this.saliency = h("canvas", { role: "img", "aria-label": t("draw.saliency"), width: SIZE, height: SIZE });
    this.notes = h("p", { class: "notes", role: "status" });
    this.who = h("p", { class: "hint", id: "who" });
  }

  bar(digit) {
    const fillBar = h("span", { class: "fill" });
    const share = h("span", { class: "share" });
    const row = h("li", { "data-digit": digit }, h("span", { class: "name" }, String(digit)), h("span", { class: "track" }, fillBar), share);
    return { row, fillBar, share };
  }

  parts() {
    const file = h("input", { type: "file", accept: "image/*", id: unique("file"), class: "unseen", onchange: () => this.take(file.files[0]) });
    return [
      h("h1", {}, t("draw.title")), h("p", { class: "lead" }, t("draw.lead")),
      !this.ready && h("p", { class: "trouble" }, t("draw.none"), " ", h("a", { href: "#/train" }, t("jobs.first"))),
      h("div", { class: "drawing" },
        h("section", { class: "panel", "aria-label": t("draw.pad") }, this.canvas,
          h("div", { class: "buttons" }, button(t("draw.clear"), () => { this.file = null; this.pad.clear(); }, { id: "clear" }),
            h("label", { class: "button", htmlFor: file.id }, t("draw.file")), file),
          h("p", { class: "hint", id: "pad-help" }, t("draw.help"))),
        h("section", { class: "panel answer", "aria-label": t("draw.answer") },
          h("div", { class: "said" }, this.digit, this.sure), h("ul", { class: "bars", "aria-label": t("draw.bars") }, this.bars.map(({ row }) => row)), this.notes),
        h("section", { class: "panel seen" },
          labelled(t("draw.source"), this.chooser), this.who,
          h("div", { class: "pair" },
            h("figure", {}, h("div", { class: "pixels" }, this.saw), h("figcaption", {}, t("draw.saw"))),
            h("figure", {}, h("div", { class: "pixels" }, this.saliency), h("figcaption", {}, t("draw.saliency")))))),
    ];
  }

  /** Models with their aliases and versions, then runs; what is chosen stays, also where it is too old to be listed. */
  sources() {
    const models = this.models.filter(({ versions }) => versions.length).map(({ name, aliases, versions }) => ({
      group: t("draw.model", { name }),
      choices: [
        ...aliases.map(({ alias, version }) => [`${name}@${alias}`, t(alias === "live" ? "draw.live" : "draw.alias", { alias, version })]),
        ...versions.map(({ version, test_accuracy: share }) => [`${name}@${version}`, t("draw.version", { version, share: percent(share) })]),
      ],
    }));
    const jobs = this.jobs.filter((job) => !["queued", "failed"].includes(job.status) || this.source === `job:${job.id}`)
      .map((job) => [`job:${job.id}`, t("draw.job", { name: nameOf(job), status: t(`status.${job.status}`) })]);
    const groups = [...models, ...(jobs.length ? [{ group: t("draw.runs"), choices: jobs }] : [])];
    const known = groups.some(({ choices }) => choices.some(([value]) => value === this.source));
    return known ? groups : [[this.source, this.source === LIVE ? t("draw.live") : this.source], ...groups];
  }

  /** Lists what came since; who has the list open is left alone. */
  async lookAgain() {
    if (document.hidden || document.activeElement === this.chooser) return;
    const those = await readers(this.signal).catch(() => null);
    if (!those || document.activeElement === this.chooser) return;
    const wasReady = this.ready;
    Object.assign(this, those);
    fill(this.chooser, options(this.sources(), this.source));
    if (this.ready && !wasReady) this.ask();
  }

  get ready() {
    return this.source.startsWith("job:") || this.models.some(({ name, versions }) => versions.length && this.source.startsWith(`${name}@`));
  }

  get path() {
    if (this.source.startsWith("job:")) return `v1/jobs/${this.source.slice(4)}/predict?trace=true&explain=saliency`;
    const [model, which] = this.source.split("@");
    return `v1/predict?model=${model}&${/^\d+$/.test(which) ? "version" : "alias"}=${which}&trace=true&explain=saliency`;
  }

  begin() {
    const job = this.jobs.find(({ id }) => this.source === `job:${id}`);
    if (job && !ENDED.includes(job.status)) { // it learns meanwhile: the same digit is read better and better
      const asking = setInterval(() => document.hidden || this.ask(), ASK_AGAIN_MS);
      this.signal.addEventListener("abort", () => clearInterval(asking));
    }
    const looking = setInterval(() => this.lookAgain(), LOOK_AGAIN_MS);
    this.signal.addEventListener("abort", () => clearInterval(looking));
    this.signal.addEventListener("abort", () => (Drawing.kept = this.pad.blank ? null : this.canvas));
    if (Drawing.kept) this.pad.show(Drawing.kept);
    const listen = (name, hear) => addEventListener(name, hear, { signal: this.signal });
    listen("paste", (event) => this.take([...event.clipboardData.files].find(isPicture)));
    listen("dragover", (event) => event.preventDefault());
    listen("drop", (event) => { event.preventDefault(); this.take([...event.dataTransfer.files].find(isPicture)); });
    this.ask();
  }

  /** Reads a picture that was given: the file as it is goes to the service. */
  async take(file) {
    if (!file) return;
    try {
      this.pad.show(await createImageBitmap(file));
    } catch { /* the service says better than the browser what is wrong with it */ }
    this.file = file;
    this.ask();
  }

  /** Asks about what is on the pad; while an answer is awaited, once more after it. */
  async ask() {
    if (!this.ready) return;
    if (this.blank) return void this.forget();
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    do {
      this.again = false;
      try {
        this.tell(await sendPicture(this.path, this.file ?? await this.pad.picture(), this.signal));
      } catch (error) {
        if (this.signal.aborted) return;
        this.notes.textContent = refusal(error);
      }
    } while (this.again && !this.blank);
    this.asking = false;
    if (this.blank) this.forget();
  }

  /** Nothing was drawn, and no picture given: one that the browser cannot show is for the service to judge. */
  get blank() { return this.pad.blank && !this.file; }

  forget() {
    this.tell({ digit: null, confidence: null, probabilities: Array(10).fill(0), input: { warnings: [] }, saliency: null, trace: null });
  }

  tell(answer) {
    this.digit.textContent = answer.digit ?? "?";
    this.sure.textContent = answer.digit === null || answer.digit === undefined ? "" : t("draw.sure", { share: percent(answer.confidence) });
    this.bars.forEach(({ row, fillBar, share }, digit) => {
      const part = answer.probabilities[digit] ?? 0;
      fillBar.style.inlineSize = `${part * 100}%`;
      share.textContent = percent(part, 0);
      row.classList.toggle("top", digit === answer.digit);
    });
    this.saw.hidden = !answer.trace;
    if (answer.trace) this.saw.src = answer.trace;
    paintSaliency(this.saliency, answer.saliency);
    this.notes.textContent = answer.input.warnings.map((warning) => t(`warning.${warning}`)).join(" ");
    this.who.textContent = answer.step ? t("draw.step", { step: answer.step }) : answer.version ? t("draw.by", { model: answer.model, version: answer.version }) : "";
  }
}

Drawing.kept = null;

const isPicture = (file) => file.type.startsWith("image/");

/** Orange where more ink would speak for the answer, blue where it would speak against it. */
function paintSaliency(canvas, rows) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, SIZE, SIZE);
  if (!rows) return;
  const values = rows.flat();
  const most = Math.max(...values.map(Math.abs)) || 1;
  const image = context.createImageData(SIZE, SIZE);
  values.forEach((value, i) => {
    const [red, green, blue] = value > 0 ? [251, 146, 60] : [96, 165, 250];
    image.data.set([red, green, blue, (255 * Math.abs(value)) / most], i * 4);
  });
  context.putImageData(image, 0, 0);
}
