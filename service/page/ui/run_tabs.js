// @ts-check
// The tabs above each view of one run: all that can be seen of it, and done with it.

import { h } from "./dom.js";
import { t } from "./words.js";

/** @import { Job } from "../net/types.d.ts" */

/** The views of a run, in the order of their tabs. */
const TABS = /** @type {const} */ (["watch", "look", "step", "draw", "compare", "train"]);

/** @typedef {(typeof TABS)[number]} Tab */

/**
 * Links to all views of a run; that of the shown one is marked.
 * @param {Job} job
 * @param {Tab} shown
 */
export function runTabs({ id, experiment_id: experiment }, shown) {
  const links = TABS.map((tab) => link(addressOfTab(tab, id), t(`tab.${tab}`), tab === shown));
  const ofExperiment = experiment && link(`#/experiment/${experiment}`, t("tab.experiment"), false);
  return h("nav", { class: "tabs", "aria-label": t("tab.label") }, links, ofExperiment);
}

/**
 * @param {Tab} tab
 * @param {string} id
 */
const addressOfTab = (tab, id) => (tab === "draw" ? `#/draw/job:${id}` : `#/${tab}/${id}`);

/**
 * @param {string} href
 * @param {string} label
 * @param {boolean} isShown
 */
const link = (href, label, isShown) => h("a", { href, "aria-current": isShown ? "page" : null }, label);
