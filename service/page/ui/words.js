// @ts-check
// Every sentence of the page, in the visitor's language. Each language has one file in words/.

import { number } from "./format.js";

/** @type {Record<string, string>} */
export const LANGUAGES = { en: "English", es: "Español" };
const STORAGE_KEY = "naivenet.language";

/** @type {Record<string, string>} */
let sentences = {};

/** The language chosen on an earlier visit, else the first language of the browser that the page has. */
export function preferredLanguage() {
  const wanted = [localStorage.getItem(STORAGE_KEY), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((tag) => tag !== null && tag in LANGUAGES) ?? "en";
}

/**
 * Loads a language and makes it the language of the page.
 * @param {string} tag
 */
export async function loadLanguage(tag) {
  const response = await fetch(`page/words/${tag}.json`);
  if (!response.ok) throw new Error(`the words are missing: HTTP ${response.status}`);
  sentences = await response.json();
  document.documentElement.lang = tag;
}

/**
 * Remembers a language for later visits.
 * @param {string} tag
 */
export const storeLanguage = (tag) => localStorage.setItem(STORAGE_KEY, tag);

/** The language that the page is in. */
export const currentLanguage = () => document.documentElement.lang;

/**
 * The sentence of that key. Each `{name}` in it is replaced by the value of that name; numbers are formatted.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const sentence = sentences[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => text(values[name]));
}

/** @param {unknown} value */
const text = (value) => (typeof value === "number" ? number(value) : String(value ?? ""));

/**
 * Whether the language has a sentence of that key.
 * @param {string} key
 */
export const hasSentence = (key) => key in sentences;
