// @ts-check
// A job's diagnostics as sentences in the visitor's language.

import { h } from "./dom.js";
import { percent } from "./format.js";
import { hasSentence, t } from "./words.js";

/** @import { DiagnosticData } from "../net/types.d.ts" */

/**
 * A diagnostic as a list item: the observation, and what to try.
 * @param {DiagnosticData} diagnostic
 */
export function diagnosticItem({ code, layer, epoch, step, evidence, message, hint }) {
  const key = `diagnostic.${code}`;
  const isKnown = hasSentence(key);
  // The API counts layers from 0, the page from 1
  const values = { epoch, step, ...evidence, layer: (layer ?? 0) + 1, share: percent(evidence.share, 0) };
  return h(
    "li",
    { class: "warning", "data-code": code },
    h("strong", {}, isKnown ? t(key, values) : message),
    " ",
    h("span", {}, isKnown ? t(`${key}.hint`) : hint),
  );
}
