// @ts-check
// A list to choose from whose choice opens another view, or changes the page. The arrow keys only choose: Enter or the
// button opens.

import { button, h, labelled, select } from "./dom.js";
import { t } from "./words.js";

/** @import { Option, OptionGroup } from "./dom.js" */

/**
 * A list below its label, with a button that appears once the visitor has chosen by keyboard. By pointer, the choice
 * opens at once.
 * @param {string} label
 * @param {(Option | OptionGroup)[]} options
 * @param {string} chosen
 * @param {(value: string) => void} open
 * @param {{ verb?: string } & import("./dom.js").Properties} [properties] What the button says, and properties of the
 *   list.
 * @returns {{ element: HTMLElement, list: HTMLSelectElement }}
 */
export function openingSelect(label, options, chosen, open, { verb = t("jobs.show"), ...properties } = {}) {
  let isByKeyboard = false;
  const choose = () => {
    if (!isByKeyboard) return open(list.value);
    show.hidden = list.value === chosen;
  };
  const list = select(options, chosen, choose, properties);
  const show = button(verb, () => open(list.value), { hidden: true });
  list.addEventListener("pointerdown", () => {
    isByKeyboard = false;
  });
  list.addEventListener("keydown", (event) => {
    isByKeyboard = true;
    if (event.key !== "Enter" || list.value === chosen) return;
    event.preventDefault();
    open(list.value);
  });
  const field = labelled(label, list);
  return { element: h("div", { class: "opening" }, field, show), list };
}
