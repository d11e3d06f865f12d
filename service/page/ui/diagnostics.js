// What a job's log says of how it learns, as sentences in the reader's language.

import { h } from "./dom.js";
import { has, percent, t } from "./words.js";

/** A diagnostic as a line: what was seen, and what to try. */
export function diagnostic({ code, layer, epoch, step, evidence, message, hint }) {
  const known = has(`diagnostic.${code}`);
  const values = { epoch, step, ...evidence, layer: (layer ?? 0) + 1, share: percent(evidence.share, 0) }; // people count from 1
  return h("li", { class: "warning", "data-code": code },
    h("strong", {}, known ? t(`diagnostic.${code}`, values) : message), " ",
    h("span", {}, known ? t(`diagnostic.${code}.hint`) : hint));
}
