// @ts-check
// The filter above the table of runs: text, status, star and order. The address contains it, except for the text.

import { noteOf } from "../net/runs.js";
import { h, labelled, optionElements, select, uniqueId } from "../ui/dom.js";
import { summary } from "../ui/run_line.js";
import { t } from "../ui/words.js";
import { titleOf } from "./experiment_list.js";

/**
 * @import { Experiment } from "../net/experiment_types.d.ts"
 * @import { RunQuery } from "../net/runs.js"
 * @import { Job } from "../net/types.d.ts"
 *
 * @typedef {RunQuery & { text: string }} RunsState
 */

/** The choices of the list of statuses, each with the statuses of the API. */
const STATUSES = {
  all: "",
  active: "queued,running,pausing,paused,cancelling",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};

const ORDERS = ["created_at.desc", "created_at.asc", "test_accuracy.desc", "test_accuracy.asc", "finished_at.desc"];

const TYPING_PAUSE_MS = 200;

/**
 * @param {string} argument
 * @returns {RunsState}
 */
export function stateOf(argument) {
  const parameters = new URLSearchParams(argument.replace(/^\?/, ""));
  const order = `${parameters.get("sort")}.${parameters.get("order")}`;
  const [sort, direction] = (ORDERS.includes(order) ? order : ORDERS[0]).split(".");
  const status = parameters.get("status") ?? "";
  return {
    sort,
    order: direction === "asc" ? "asc" : "desc",
    status: Object.values(STATUSES).includes(status) ? status : "",
    isStarred: parameters.get("starred") === "yes",
    text: "",
  };
}

/** @param {RunsState} state */
export function addressOf({ sort, order, status, isStarred }) {
  const parameters = new URLSearchParams();
  if (`${sort}.${order}` !== ORDERS[0]) {
    parameters.set("sort", sort);
    parameters.set("order", order);
  }
  if (status) parameters.set("status", status);
  if (isStarred) parameters.set("starred", "yes");
  return parameters.size ? `#/runs/${parameters}` : "#/runs";
}

/** @param {RunsState} state */
export const isFiltered = ({ status, isStarred, text }) => Boolean(status || isStarred || text);

/**
 * A function that answers whether a run matches each word of the text, in any of its visible facts.
 * @param {string} text
 * @param {Map<string, Experiment>} experiments
 * @returns {(job: Job) => boolean}
 */
export function matcher(text, experiments) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (job) => {
    const experiment = experiments.get(job.experiment_id ?? "");
    const facts = [job.name, noteOf(job), summary(job), job.dataset, job.id, experiment && titleOf(experiment)];
    const all = facts.join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

export class RunFilter {
  /**
   * @param {RunsState} state Is changed in place.
   * @param {() => void} onChange
   */
  constructor(state, onChange) {
    this.state = state;
    this.onChange = onChange;
    this.order = select([], "", (value) => this.#setOrder(value), { id: "runs-order" });
    this.showOrder();
    this.element = h(
      "div",
      { class: "runs-filter", role: "search" },
      this.#textField(),
      this.#statusField(),
      labelled(t("runs.order"), this.order),
      this.#starBox(),
    );
  }

  showOrder() {
    const orders = ORDERS.map((order) => /** @type {[string, string]} */ ([order, t(`runs.order.${order}`)]));
    this.order.replaceChildren(...optionElements(orders, `${this.state.sort}.${this.state.order}`));
  }

  #textField() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const oninput = (/** @type {any} */ event) => {
      this.state.text = event.target.value.trim();
      clearTimeout(timer);
      timer = setTimeout(this.onChange, TYPING_PAUSE_MS);
    };
    return labelled(t("runs.search"), h("input", { type: "search", id: "runs-search", autocomplete: "off", oninput }));
  }

  #statusField() {
    const options = Object.entries(STATUSES).map(
      ([name, statuses]) => /** @type {[string, string]} */ ([statuses, t(`runs.status.${name}`)]),
    );
    const onChange = (/** @type {string} */ statuses) => {
      this.state.status = statuses;
      this.onChange();
    };
    return labelled(t("runs.status"), select(options, this.state.status ?? "", onChange, { id: "runs-status" }));
  }

  /** @param {string} value */
  #setOrder(value) {
    const [sort, order] = value.split(".");
    Object.assign(this.state, { sort, order });
    this.onChange();
  }

  #starBox() {
    const id = uniqueId("starred");
    const onchange = (/** @type {any} */ event) => {
      this.state.isStarred = event.target.checked;
      this.onChange();
    };
    const box = h("input", { type: "checkbox", id, checked: this.state.isStarred, onchange });
    return h("label", { class: "tick", htmlFor: id }, box, t("runs.only_starred"));
  }
}
