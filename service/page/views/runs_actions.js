// @ts-check
// What can be done with the chosen runs: compare them, give them a star, or delete them after a confirmation.

import { deleteRun, isStarred, starRun } from "../net/runs.js";
import { announce, button, fill, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { nameOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { Job } from "../net/types.d.ts" */

/** The API compares so many jobs at once. */
const MOST_COMPARED = 64;

/** The confirmation names so many runs. */
const MOST_NAMED = 10;

export class SelectionBar {
  /** @param {any} view The view of runs. */
  constructor(view) {
    this.view = view;
    this.count = h("span", { role: "status" });
    this.compare = h("a", { class: "button main", id: "runs-compare" }, t("runs.compare"));
    this.star = button("", () => this.#star(), { id: "runs-star" });
    this.delete = button(t("runs.delete"), () => this.#confirm(), { class: "danger", id: "runs-delete" });
    const clear = button(t("runs.clear"), () => this.#clear(), { class: "quiet" });
    this.element = h(
      "div",
      { class: "selection", role: "group", "aria-label": t("runs.chosen.label"), hidden: true },
      this.count,
      h("div", { class: "buttons" }, this.compare, this.star, this.delete, clear),
    );
  }

  show() {
    const jobs = this.view.chosenJobs;
    this.element.hidden = !jobs.length;
    this.count.textContent = t("runs.chosen", { count: jobs.length });
    const compared = jobs.slice(0, MOST_COMPARED).map((/** @type {Job} */ { id }) => id);
    this.compare.href = `#/compare/${compared.join(",")}`;
    this.compare.hidden = jobs.length < 2;
    this.star.textContent = jobs.every(isStarred) ? t("runs.unstar") : t("runs.star");
  }

  #clear() {
    this.view.chosen.clear();
    this.view.show();
  }

  async #star() {
    /** @type {Job[]} */
    const jobs = this.view.chosenJobs;
    const isOn = !jobs.every(isStarred);
    try {
      for (const { id } of jobs) this.view.replace(await starRun(id, isOn));
    } catch (error) {
      this.view.error.textContent = requestError(error);
    }
  }

  #confirm() {
    const dialog = deleteDialog(this.view.chosenJobs, (deleted) => {
      for (const id of deleted) this.view.chosen.delete(id);
      announce(t("runs.deleted", { count: deleted.length }));
      this.view.refresh();
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}

/**
 * The confirmation: it names the runs, and stays open with the reasons where the service does not delete one.
 * @param {Job[]} jobs
 * @param {(deleted: string[]) => void} onDeleted Called with the ids of the runs that are gone.
 */
function deleteDialog(jobs, onDeleted) {
  const title =
    jobs.length === 1 ? t("runs.delete.one", { name: nameOf(jobs[0]) }) : t("runs.delete.many", { count: jobs.length });
  const dialog = h("dialog", { class: "delete-runs", "aria-label": title, onclose: (event) => event.target.remove() });
  const refusals = h("ul", { class: "trouble", role: "alert", hidden: true });
  const remove = h("button", { class: "danger" }, t("runs.delete"));
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    remove.disabled = true;
    const { deleted, refused } = await deleteAll(jobs);
    onDeleted(deleted);
    if (!refused.length) return dialog.close();
    refusals.hidden = false;
    fill(
      refusals,
      refused.map((text) => h("li", {}, text)),
    );
    remove.hidden = true;
  };
  const names =
    jobs.length > 1 &&
    h(
      "ul",
      {},
      namesOf(jobs).map((name) => h("li", {}, name)),
    );
  const keep = button(t("runs.keep"), () => dialog.close());
  const buttons = h("div", { class: "buttons" }, keep, remove);
  return fill(
    dialog,
    h("form", { onsubmit }, h("h2", {}, title), names, h("p", {}, t("runs.delete.hint")), refusals, buttons),
  );
}

/** @param {Job[]} jobs */
function namesOf(jobs) {
  const names = jobs.slice(0, MOST_NAMED).map(nameOf);
  return jobs.length > MOST_NAMED ? [...names, t("runs.and_more", { count: jobs.length - MOST_NAMED })] : names;
}

/** @param {Job[]} jobs */
async function deleteAll(jobs) {
  const deleted = [];
  const refused = [];
  for (const job of jobs) {
    try {
      await deleteRun(job.id);
      deleted.push(job.id);
    } catch (error) {
      refused.push(`${nameOf(job)}: ${requestError(error)}`);
    }
  }
  return { deleted, refused };
}
