// @ts-check
// How every view shows jobs: their names, statuses, and the list to choose one from.

import { learnedNothing } from "../net/chance.js";
import { neverTrained, newestJobs } from "../net/jobs.js";
import { isStarred } from "../net/runs.js";
import { oneAtATime, repeat } from "../net/timing.js";
import { h, optionElements } from "./dom.js";
import { dateAndTime } from "./format.js";
import { openingSelect } from "./opening_select.js";
import { summary } from "./run_line.js";
import { t } from "./words.js";

/** @import { Job, Status } from "../net/types.d.ts" */

const REFRESH_MS = 3000;

/**
 * A job's name, or its configuration in a few words.
 * @param {Job} job
 */
export const nameOf = (job) => job.name || summary(job);

/** @param {Status} status */
export const statusName = (status) => t(`status.${status}`);

/**
 * A job's status; of one that ended before its first step also that.
 * @param {Job} job
 */
const statusOf = (job) =>
  neverTrained(job) ? t("jobs.untrained", { status: statusName(job.status) }) : statusName(job.status);

/**
 * Why a job that ended before its first step has nothing to show.
 * @param {Job} job
 */
export const whyUntrained = (job) =>
  t(job.status === "cancelled" ? "jobs.untrained.cancelled" : "jobs.untrained.failed");

/**
 * A job as one line of a list: its star, name, status, date and dataset.
 * @param {Job} job
 */
function lineOf(job) {
  const star = isStarred(job) ? "★ " : "";
  return `${star}${nameOf(job)} — ${statusOf(job)} · ${dateAndTime(job.created_at)} · ${job.dataset}`;
}

/**
 * A status as a coloured badge.
 * @param {Status} status
 * @param {string} [text]
 */
export const badge = (status, text = statusName(status)) =>
  h("span", { class: `badge ${status}`, "data-status": status }, text);

/**
 * A job's badge, which says so where the job took no step, or where it reads no more images than chance explains: that
 * is no success.
 * @param {Job} job
 */
export function badgeOf(job) {
  if (!learnedNothing(job)) return badge(job.status, statusOf(job));
  return h("span", { class: "badge nothing", "data-status": job.status }, t("status.succeeded.nothing"));
}

/**
 * A list of jobs; choosing one opens it in the same view. The list stays fresh while the visitor does not use it.
 * @param {string} view
 * @param {Job[]} jobs
 * @param {Job} chosen
 * @param {AbortSignal} signal
 */
export function jobChooser(view, jobs, chosen, signal) {
  const open = (/** @type {string} */ id) => {
    location.hash = `#/${view}/${id}`;
  };
  const { element, list } = openingSelect(t("jobs.run"), linesOf(jobs), chosen.id, open);
  element.classList.add("which");
  const refresh = async () => {
    if (document.activeElement === list) return;
    const newest = await newestJobs(signal).catch(() => null); // the view reports that the service does not respond
    if (!newest || document.activeElement === list) return;
    const own = newest.some(({ id }) => id === chosen.id) ? [] : [chosen];
    list.replaceChildren(...optionElements(linesOf([...newest, ...own]), list.value));
  };
  const refreshOne = oneAtATime(refresh);
  repeat(REFRESH_MS, refreshOne, signal);
  list.addEventListener("blur", refreshOne);
  return element;
}

/** @param {Job[]} jobs */
const linesOf = (jobs) => jobs.map((job) => /** @type {[string, string]} */ ([job.id, lineOf(job)]));

/** What a view shows before the first job exists. */
export const noJobs = () =>
  h(
    "div",
    { class: "empty" },
    h("p", {}, t("jobs.none")),
    h("a", { class: "button main", href: "#/train" }, t("jobs.first")),
  );
