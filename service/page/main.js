// @ts-check
// Starts the page: it shows the header, and the view that the address names.

import { isTemporary, requestEarly, throwUnreachable } from "./net/api.js";
import { partsOfAddress, readableArgument } from "./net/configuration_address.js";
import { pause, reportOutage } from "./net/outage.js";
import { elementById, fill, h } from "./ui/dom.js";
import { markCurrentView, showHeader } from "./ui/header.js";
import { askForKey } from "./ui/key_dialog.js";
import { LoadTrouble, showOutages } from "./ui/outage.js";
import { readPresentation, startPresentation } from "./ui/presentation.js";
import { startTheme } from "./ui/theme.js";
import { loadLanguage, preferredLanguage, storeLanguage, t } from "./ui/words.js";

/** @typedef {(root: HTMLElement, argument: string, signal: AbortSignal) => Promise<void>} View */

/** @type {Record<string, () => Promise<View>>} Loads the modules of a view when it is first shown. */
const VIEWS = {
  lessons: async () => (await import("./views/lessons.js")).lessons,
  learn: async () => (await import("./views/learn.js")).learn,
  train: async () => (await import("./views/train.js")).train,
  watch: async () => (await import("./views/watch.js")).watch,
  runs: async () => (await import("./views/runs.js")).runs,
  compare: async () => (await import("./views/compare.js")).compare,
  experiment: async () => (await import("./views/experiment.js")).experiment,
  step: async () => (await import("./views/step.js")).step,
  look: async () => (await import("./views/look.js")).look,
  draw: async () => (await import("./views/draw.js")).draw,
};
const UNREACHABLE = "The service does not respond. · El servicio no responde.";
const FIRST_VIEW = "learn";
const FIRST_REQUESTS = ["v1/options", "v1/models/digits"];

/** Aborts when another view is shown, and so ends the requests and timers of the current one. */
let currentView = new AbortController();

/**
 * Shows the view of the address: `#/watch/job_…` is the view `watch` with the argument `job_…`. The views that have a
 * form read the configuration behind a question mark.
 */
async function showView() {
  currentView.abort();
  currentView = new AbortController();
  const { signal } = currentView;
  const { name, argument } = parseAddress();
  markCurrentView(name);
  document.title = `${t(`nav.${name}`)} · naivenet`;
  const main = elementById("main");
  main.dataset.view = name;
  main.dataset.ready = "";
  const root = h("div", { class: "view" });
  fill(main, root);
  await load({ name, argument, root, signal, trouble: new LoadTrouble() });
}

/**
 * Shows a view. If that fails it shows why, and tries again later: by itself where it may help, else when the visitor
 * wants it.
 * @param {{ name: string, argument: string, root: HTMLElement, signal: AbortSignal, trouble: LoadTrouble }} visit
 * @param {number} [failures] How many tries have failed before.
 */
async function load(visit, failures = 0) {
  const { name, argument, root, signal, trouble } = visit;
  const attempt = new AbortController(); // ends the timers of a view that has failed
  try {
    const readable = readableArgument(argument);
    if (readable === null) return showNotFound(root, signal);
    const view = await VIEWS[name]().catch(throwUnreachable);
    if (!signal.aborted) await view(root, readable, AbortSignal.any([signal, attempt.signal]));
  } catch (error) {
    attempt.abort();
    if (signal.aborted) return;
    trouble.show(root, error);
    pause(failures, { signal, isAutomatic: isTemporary(error) }).then(() => {
      if (!signal.aborted) load(visit, failures + 1);
    });
  }
  markReady(signal);
}

/**
 * Says that the address leads nowhere.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
function showNotFound(root, signal) {
  fill(root, h("h1", {}, t("address.unknown")), h("p", {}, t("address.unknown.hint")));
  markReady(signal);
}

/** @param {AbortSignal} signal */
function markReady(signal) {
  if (!signal.aborted) elementById("main").dataset.ready = "yes";
}

/**
 * Loads the view of the address together with the language, and for the first view also what it reads. `showView`
 * reports an error.
 */
async function loadFirstView() {
  const { name } = parseAddress();
  if (name === FIRST_VIEW) FIRST_REQUESTS.forEach(requestEarly);
  await VIEWS[name]().catch(() => {});
}

function parseAddress() {
  const { view, argument } = partsOfAddress(location.hash);
  return { name: Object.hasOwn(VIEWS, view) ? view : FIRST_VIEW, argument };
}

/** @param {string} language */
async function changeLanguage(language) {
  try {
    await loadLanguage(language);
    storeLanguage(language);
  } catch {
    reportOutage();
  }
  showHeader(Object.keys(VIEWS), changeLanguage);
  await showView();
  elementById("language").focus();
}

async function navigate() {
  readPresentation();
  await showView();
  elementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** @param {Event} event */
function skipToContent(event) {
  event.preventDefault();
  elementById("main").focus();
}

/** Loads the sentences; until it can, the page has none, and names the trouble in each language. */
async function loadFirstLanguage() {
  for (let failures = 0; ; failures++) {
    try {
      return await loadLanguage(preferredLanguage());
    } catch {
      fill(elementById("main"), h("p", { class: "view trouble", role: "alert" }, UNREACHABLE));
      await pause(failures);
    }
  }
}

async function start() {
  startTheme();
  addEventListener("keywanted", () => askForKey(showView));
  elementById("skip").addEventListener("click", skipToContent);
  await Promise.all([loadFirstLanguage(), loadFirstView()]);
  startPresentation();
  showOutages();
  showHeader(Object.keys(VIEWS), changeLanguage);
  addEventListener("hashchange", navigate);
  await showView();
}

start();
