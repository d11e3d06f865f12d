// @ts-check
// The list of runs beside the comparison: with a filter by text, and buttons that pin a run. It stays fresh.

import { isStarred } from "../net/runs.js";
import { h, labelled, uniqueId } from "../ui/dom.js";
import { dateAndTime } from "../ui/format.js";
import { nameOf, statusName } from "../ui/jobs.js";
import { t } from "../ui/words.js";
import { matcher } from "./runs_filter.js";

/**
 * @import { Job } from "../net/types.d.ts"
 * @import { CompareState } from "./compare_state.js"
 */

export class CompareList {
  /** @type {Map<string, { text: string, item: HTMLElement }>} The elements of the runs, which are kept. */
  #items = new Map();
  /** @type {Job[]} */
  #jobs = [];
  text = "";

  /**
   * @param {CompareState} state
   * @param {(id: string, isChosen: boolean) => void} onChoose
   * @param {(id: string, isPinned: boolean) => void} onPin
   */
  constructor(state, onChoose, onPin) {
    this.state = state;
    this.onChoose = onChoose;
    this.onPin = onPin;
    this.first = new Set(state.chosen); // these stay above the others, also when one is taken out of the comparison
    this.list = h("ul");
    this.count = h("p", { class: "hint", role: "status" });
    this.element = h(
      "fieldset",
      { class: "runs" },
      h("legend", {}, t("compare.jobs")),
      labelled(t("compare.filter"), this.#filterField()),
      this.list,
      this.count,
    );
  }

  #filterField() {
    const oninput = (/** @type {any} */ event) => {
      this.text = event.target.value.trim();
      this.show();
    };
    return h("input", { type: "search", id: "compare-filter", autocomplete: "off", oninput });
  }

  /** @param {Job[]} [jobs] */
  show(jobs = this.#jobs) {
    this.#jobs = jobs;
    const matches = matcher(this.text, new Map());
    const pinned = jobs.filter(({ id }) => this.state.pinned.has(id));
    const matching = jobs.filter((job) => !this.state.pinned.has(job.id) && matches(job));
    const isFirst = (/** @type {Job} */ { id }) => this.first.has(id);
    const others = [...matching.filter(isFirst), ...matching.filter((job) => !isFirst(job))];
    const items = [...pinned, ...others].map((job) => this.#item(job));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const scrolled = this.list.scrollTop;
    if (items.length !== this.list.children.length || items.some((item, index) => item !== this.list.children[index])) {
      this.list.replaceChildren(...items);
      this.list.scrollTop = scrolled;
    }
    if (focused && focused !== document.activeElement && this.list.contains(focused))
      focused.focus({ preventScroll: true });
    this.count.textContent = this.text ? t("runs.matching", { matching: others.length, all: String(jobs.length) }) : "";
  }

  /** @param {Job} job */
  #item(job) {
    const [isChosen, isPinned] = [this.state.chosen.has(job.id), this.state.pinned.has(job.id)];
    const facts = `${statusName(job.status)} · ${dateAndTime(job.created_at)} · ${job.dataset}`;
    const text = JSON.stringify([nameOf(job), facts, isStarred(job)]);
    const known = this.#items.get(job.id);
    const item = known?.text === text ? known.item : this.#newItem(job, facts);
    this.#items.set(job.id, { text, item });
    const box = /** @type {HTMLInputElement} */ (item.querySelector("input"));
    box.checked = isChosen;
    box.disabled = isPinned;
    item.querySelector("button")?.setAttribute("aria-pressed", String(isPinned));
    return item;
  }

  /**
   * @param {Job} job
   * @param {string} facts
   */
  #newItem(job, facts) {
    const id = uniqueId("run");
    const name = nameOf(job);
    const onchange = (/** @type {any} */ event) => this.onChoose(job.id, event.target.checked);
    const box = h("input", { type: "checkbox", id, value: job.id, onchange });
    const star =
      isStarred(job) && h("span", { class: "starred" }, "★ ", h("span", { class: "unseen" }, t("runs.starred")));
    const label = h("label", { htmlFor: id }, star, name, h("span", { class: "hint" }, facts));
    const onclick = () => this.onPin(job.id, !this.state.pinned.has(job.id));
    const properties = { type: "button", class: "quiet pin", "aria-label": t("compare.pin.of", { name }), onclick };
    return h("li", {}, box, label, h("button", properties, t("compare.pin")));
  }
}
