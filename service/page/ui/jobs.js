// What all views say of jobs: their names, their states, and the list of them.

import { get } from "../net/api.js";
import { inWords } from "../net/config.js";
import { h } from "./dom.js";
import { t } from "./words.js";

export const ENDED = ["succeeded", "failed", "cancelled"];

/** The newest jobs, newest first. */
export const newest = async (signal, limit = 50) => (await get(`v1/jobs?limit=${limit}`, { signal })).data;

/** A job's name, or what it is in few words. */
export const nameOf = (job) => job.name || inWords(job);

/** A job in one line of a list. */
export const lineOf = (job) => `${nameOf(job)} — ${t(`status.${job.status}`)} · ${timeOf(job)}`;

export const timeOf = (job) => new Date(job.created_at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

/** Its state, as a badge. */
export const badge = (status) => h("span", { class: `badge ${status}`, "data-status": status }, t(`status.${status}`));

/** What a view says while there is nothing for it. */
export const nothingYet = () => h("div", { class: "empty" }, h("p", {}, t("jobs.none")), h("a", { class: "button main", href: "#/train" }, t("jobs.first")));
