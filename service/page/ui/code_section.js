// @ts-check
// Code with a heading and a button that copies it.

import { announce, button, h, uniqueId } from "./dom.js";
import { t } from "./words.js";

/**
 * @param {string} title
 * @param {HTMLElement} code An element whose text is the code.
 */
export function codeSection(title, code) {
  const id = uniqueId("code");
  const text = h("pre", { tabIndex: 0, role: "region", "aria-labelledby": id }, code);
  const onclick = async () => {
    await copy(code);
    announce(t("copied"));
  };
  const copyButton = button(t("copy"), onclick, { "aria-describedby": id });
  return h("section", { class: "curl", "aria-labelledby": id }, h("h2", { id }, title), text, copyButton);
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
