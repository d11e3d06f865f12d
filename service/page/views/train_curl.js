// @ts-check
// The form's request as a curl command, with a button that copies it.

import { announce, button, h } from "../ui/dom.js";
import { t } from "../ui/words.js";

/** @param {HTMLElement} command */
export function curlSection(command) {
  const title = h("h2", { id: "curl-title" }, t("train.curl"));
  const text = h("pre", { tabIndex: 0, role: "region", "aria-labelledby": "curl-title" }, command);
  const onclick = async () => {
    await copy(command);
    announce(t("copied"));
  };
  return h("section", { class: "curl", "aria-labelledby": "curl-title" }, title, text, button(t("copy"), onclick));
}

/**
 * Copies the text of an element. Where the browser refuses access to the clipboard, the text is selected instead.
 * @param {HTMLElement} element
 */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(element);
  }
}
