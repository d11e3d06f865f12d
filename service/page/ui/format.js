// @ts-check
// Writes numbers and times as the visitor's language does.

/** Stands for a number that is missing or not finite. */
export const MISSING = "–";

/** The page's language, which `words.js` sets. */
const locale = () => document.documentElement.lang;

/**
 * @param {number | null | undefined} value
 * @returns {value is null | undefined}
 */
const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);

/**
 * A number with so many significant digits; a whole number is written with all its digits.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function number(value, digits = 4) {
  if (isMissing(value)) return MISSING;
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(1);
  const options = Number.isInteger(value) ? {} : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(locale(), options).format(value);
}

/**
 * A share as a percentage, such as 98.1 %.
 * @param {number | null | undefined} share
 * @param {number} [digits] Digits after the decimal point.
 */
export function percent(share, digits = 1) {
  if (isMissing(share)) return MISSING;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(), { style: "percent", ...options }).format(share);
}

/**
 * A difference of two shares in percentage points, such as 0.42.
 * @param {number} difference
 */
export function percentagePoints(difference) {
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(locale(), options).format(difference * 100);
}

/**
 * A time span in minutes and seconds, such as 1:05.
 * @param {number} seconds
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A date with the time of day, such as 11/27/26, 2:05 PM.
 * @param {string} timestamp
 */
export const dateAndTime = (timestamp) =>
  new Date(timestamp).toLocaleString(locale(), { dateStyle: "short", timeStyle: "short" });

/**
 * A time of day, such as 14:05.
 * @param {string} timestamp
 */
export const timeOfDay = (timestamp) =>
  new Date(timestamp).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
