// @ts-check
// Saves what the page has made or read as a file of the visitor.

import { h } from "./dom.js";

/** How long the object URL is kept: the browser reads it after the click. */
const DOWNLOAD_START_MS = 1000;

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_START_MS);
}

/**
 * A table as CSV (RFC 4180).
 * @param {unknown[][]} rows
 */
export const csvOf = (rows) => `${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;

/** @param {unknown} value */
function csvCell(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** So many names stand in the name of a file; of more, their number. */
const MOST_NAMES = 3;

/**
 * The name of a file about several runs, such as `compare-adam-vs-sgd-2026-11-27`.
 * @param {string[]} names
 * @param {Date} [day]
 */
export function fileName(names, day = new Date()) {
  const shown = names.slice(0, MOST_NAMES).map(slug).join("-vs-");
  const more = names.length > MOST_NAMES ? `-and-${names.length - MOST_NAMES}-more` : "";
  const date = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0"));
  return `compare-${shown}${more}-${date.join("-")}`;
}

/** @param {string} name */
const slug = (name) =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 40) || "run";
