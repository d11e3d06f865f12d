// @ts-check
// Says which parts of an address the page could not use.

import { h } from "./dom.js";
import { t } from "./words.js";

/** @param {{ ignored: string[] }} draft */
export const ignoredNotice = ({ ignored }) =>
  ignored.length > 0 &&
  h("p", { class: "link", id: "ignored", role: "status" }, t("address.ignored", { parts: ignored.join(", ") }));
