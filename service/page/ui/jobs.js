// @ts-check
// How every view shows jobs: their names, statuses, and the list to choose one from.

import { summary } from "../net/configuration.js";
import { neverTrained } from "../net/jobs.js";
import { h, labelled, select } from "./dom.js";
import { timeOfDay } from "./format.js";
import { t } from "./words.js";

/** @import { Job, Status } from "../net/types.d.ts" */

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
export const statusOf = (job) =>
  neverTrained(job) ? t("jobs.untrained", { status: statusName(job.status) }) : statusName(job.status);

/**
 * Why a job that ended before its first step has nothing to show.
 * @param {Job} job
 */
export const whyUntrained = (job) =>
  t(job.status === "cancelled" ? "jobs.untrained.cancelled" : "jobs.untrained.failed");

/**
 * A job as one line of a list: name, status and start time.
 * @param {Job} job
 */
export const lineOf = (job) => `${nameOf(job)} — ${statusOf(job)} · ${timeOfDay(job.created_at)}`;

/**
 * A job's status as a coloured badge.
 * @param {Status} status
 */
export const badge = (status) => h("span", { class: `badge ${status}`, "data-status": status }, statusName(status));

/**
 * A list of jobs; choosing one opens it in the same view.
 * @param {string} view
 * @param {Job[]} jobs
 * @param {Job} chosen
 */
export function jobChooser(view, jobs, chosen) {
  const open = (/** @type {string} */ id) => {
    location.hash = `#/${view}/${id}`;
  };
  const lines = jobs.map((job) => /** @type {[string, string]} */ ([job.id, lineOf(job)]));
  return labelled(t("jobs.run"), select(lines, chosen.id, open), { class: "field which" });
}

/** What a view shows before the first job exists. */
export const noJobs = () =>
  h(
    "div",
    { class: "empty" },
    h("p", {}, t("jobs.none")),
    h("a", { class: "button main", href: "#/train" }, t("jobs.first")),
  );
