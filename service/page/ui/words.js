// Says everything in the reader's language, one dictionary a language.

export const LANGUAGES = { en: "English", es: "Español" };
const KEPT = "naivenet.language";

let language = "en";
let dictionary = {};

/** The language that was chosen here before, else the first of the browser's that we have. */
export function preferred() {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((tag) => tag in LANGUAGES) || "en";
}

/** Reads the dictionary of a language and speaks it from now on. */
export async function speak(tag) {
  dictionary = await (await fetch(new URL(`../words/${tag}.json`, import.meta.url))).json();
  language = tag;
  document.documentElement.lang = tag;
}

/** Speaks it on later visits too. */
export const keep = (tag) => localStorage.setItem(KEPT, tag);

export const spoken = () => language;

/** The sentence of that name, with *values* where it has their names in braces. */
export function t(name, values = {}) {
  const sentence = dictionary[name] ?? name;
  return sentence.replace(/\{(\w+)\}/g, (_, key) => (typeof values[key] === "number" ? number(values[key]) : values[key] ?? ""));
}

/** Whether there is a sentence of that name. */
export const has = (name) => name in dictionary;

/** A number as people write it, to so many significant digits. */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(1);
  const options = Number.isInteger(value) ? {} : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

/** A share, such as 98.1 %. */
export const percent = (share, digits = 1) =>
  share === null || share === undefined ? "–"
    : new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);

/** A time span, such as 1:05. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
