// Draw a digit, and see what the network makes of it: its answer, what it saw, and which pixels the answer hangs on.

import { get, sendPicture } from "./api.js";
import { button, fill, h, labelled, select, unique } from "./dom.js";
import { ENDED, nameOf, newest } from "./jobs.js";
import { Pad } from "./pad.js";
import { percent, t } from "./words.js";

const LIVE = "live";
const ASK_AGAIN_MS = 1000;
const SIZE = 28;

/** Shows the pad; *source* is "live", "version:2" or "job:job_…". */
export async function draw(root, source, signal) {
  const [{ versions }, jobs] = await Promise.all([get("v1/models/digits", { signal }), newest(signal)]);
  const view = new Drawing(versions, jobs, source || LIVE, signal);
  fill(root, view.parts());
  view.begin();
}

class Drawing {
  constructor(versions, jobs, source, signal) {
    Object.assign(this, { versions, jobs, signal, source });
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
          labelled(t("draw.source"), select(this.sources(), this.source, (source) => { location.hash = `#/draw/${source}`; }, { id: "source" })), this.who,
          h("div", { class: "pair" },
            h("figure", {}, h("div", { class: "pixels" }, this.saw), h("figcaption", {}, t("draw.saw"))),
            h("figure", {}, h("div", { class: "pixels" }, this.saliency), h("figcaption", {}, t("draw.saliency")))))),
    ];
  }

  sources() {
    return [
      [LIVE, t("draw.live")],
      ...this.versions.map(({ version, test_accuracy: share }) => [`version:${version}`, t("draw.version", { version, share: percent(share) })]),
      ...this.jobs.filter((job) => !["queued", "failed"].includes(job.status) || this.source === `job:${job.id}`)
        .map((job) => [`job:${job.id}`, t("draw.job", { name: nameOf(job), status: t(`status.${job.status}`) })]),
    ];
  }

  get ready() { return this.source.startsWith("job:") || this.versions.length > 0; }

  get path() {
    const [kind, which] = this.source.split(":");
    const path = { job: `v1/jobs/${which}/predict?`, version: `v1/predict?version=${which}&` }[kind] ?? "v1/predict?";
    return `${path}trace=true&explain=saliency`;
  }

  begin() {
    const job = this.jobs.find(({ id }) => this.source === `job:${id}`);
    if (job && !ENDED.includes(job.status)) { // it learns meanwhile: the same digit is read better and better
      const asking = setInterval(() => document.hidden || this.ask(), ASK_AGAIN_MS);
      this.signal.addEventListener("abort", () => clearInterval(asking));
    }
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
        this.notes.textContent = error.message;
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
    this.who.textContent = answer.step ? t("draw.step", { step: answer.step }) : answer.version ? t("draw.by", { version: answer.version }) : "";
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
