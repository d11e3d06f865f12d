// @ts-check
// The presentation mode for a projector: text and lines twice as large, one chart, and no controls. It stays on for the
// tab until Escape ends it.

import { announce } from "./dom.js";
import { t } from "./words.js";

const STORAGE_KEY = "naivenet.presentation";

/** In an address, such as `#/watch/job_…?present=yes` or `/?present=yes#/watch/job_…`, it starts the mode. */
const IN_ADDRESS = /([?&])present=yes(&|$)/;

/**
 * Starts the mode if the address says so. The part of the address that says it is removed: views read the rest.
 */
export function readPresentation() {
  const { pathname, search, hash } = location;
  const rest = [search, hash].map((part) => part.replace(IN_ADDRESS, (_, before, after) => (after ? before : "")));
  if (rest.join("") === search + hash) return;
  history.replaceState(null, "", pathname + rest.join(""));
  setPresentation(true);
}

/** Starts the mode if it was on before a reload, and lets Escape end it. */
export function startPresentation() {
  show(sessionStorage.getItem(STORAGE_KEY) === "yes");
  readPresentation();
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && isPresenting()) setPresentation(false);
  });
}

const isPresenting = () => document.documentElement.dataset.presentation === "yes";

/** @param {boolean} isOn */
export function setPresentation(isOn) {
  sessionStorage.setItem(STORAGE_KEY, isOn ? "yes" : "no");
  show(isOn);
  if (isOn) announce(t("presentation.started"));
  dispatchEvent(new Event("themechange")); // plots are drawn again, with the new size of text
}

/** @param {boolean} isOn */
function show(isOn) {
  if (isOn) document.documentElement.dataset.presentation = "yes";
  else delete document.documentElement.dataset.presentation;
}
