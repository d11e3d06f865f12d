// @ts-check
// Writes numbers and times as the visitor's language does.

/** Stands for a number that is missing or not finite. */
export const MISSING = "–";

/** A column with smaller numbers than this can show writes them as zeros. */
const MOST_DECIMALS = 10;

/** The page's language, which `words.js` sets. */
const locale = () => document.documentElement.lang;

/** The sign between units and tenths. */
const DECIMAL_POINTS = new Map([["es", ","]]);

/** @type {Map<string, Intl.NumberFormat>} To make one takes far longer than to write a number with it. */
const formats = new Map();

/** @param {Intl.NumberFormatOptions} options */
function formatOf(options) {
  const key = locale() + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(locale(), options);
  formats.set(key, format);
  return format;
}

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
  if (isPlain(value, digits)) return fieldText(value);
  const options = Number.isInteger(value) ? {} : { maximumSignificantDigits: digits };
  return formatOf(options).format(value);
}

/**
 * Whether a number has neither digits to round nor thousands to separate. Such numbers, as the first view has them, do
 * without `Intl`, whose first use takes a tenth of a second on a phone.
 * @param {number} value
 * @param {number} digits
 */
const isPlain = (value, digits) => Math.abs(value) < 1000 && value === Number(value.toPrecision(Math.max(3, digits)));

/**
 * A share as a percentage, such as 98.1 %. Only a share of exactly 1 is 100 %, and only a share of exactly 0 is 0 %.
 * @param {number | null | undefined} share
 * @param {number} [digits] Digits after the decimal point.
 */
export function percent(share, digits = 1) {
  if (isMissing(share)) return MISSING;
  const smallest = 10 ** -(digits + 2);
  const shown = share > 0 && share < 1 ? Math.min(1 - smallest, Math.max(smallest, share)) : share;
  return fixed(shown, digits, { style: "percent" });
}

/**
 * A probability in whole percent; what would round to 0 % or 100 % is named as less than 1 % or more than 99 %.
 * @param {number} probability
 */
export function wholePercent(probability) {
  if (probability < 0.005) return `<${percent(0.01, 0)}`;
  return probability > 0.995 && probability < 1 ? `>${percent(0.99, 0)}` : percent(probability, 0);
}

/**
 * A difference of two shares in percentage points, such as 0.42.
 * @param {number} difference
 */
export const percentagePoints = (difference) => fixed(difference * 100, 2);

/**
 * A number with so many digits after the decimal point.
 * @param {number | null | undefined} value
 * @param {number} decimals
 * @param {Intl.NumberFormatOptions} [options]
 */
export function fixed(value, decimals, options = {}) {
  if (isMissing(value)) return MISSING;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return formatOf({ ...options, ...digits }).format(value);
}

/**
 * How many decimals the measured values of a column have: four, or more where the smallest would otherwise have less
 * than two significant digits.
 * @param {Iterable<number | null | undefined>} values
 */
export function measuredDecimals(values) {
  const smallest = Math.min(...finite(values).filter(Boolean).map(Math.abs));
  return smallest < 0.001 ? Math.min(MOST_DECIMALS, 1 - Math.floor(Math.log10(smallest))) : 4;
}

/**
 * A function that writes the measured values of a column with equal decimals, such as losses.
 * @param {Iterable<number | null | undefined>} values
 */
export function measuredColumn(values) {
  const decimals = measuredDecimals(values);
  return (/** @type {number | null | undefined} */ value) => fixed(value, decimals);
}

/**
 * A function that writes the chosen values of a column, such as learning rates, exactly and with equal decimals: 0.001
 * and 0.100. A value that is no number is written as it is.
 * @param {Iterable<unknown>} values
 */
export function exactColumn(values) {
  const decimals = Math.max(0, ...finite(values).map(decimalsOf));
  return (/** @type {unknown} */ value) =>
    typeof value === "number" ? fixed(value, decimals) : String(value ?? MISSING);
}

/**
 * A function that writes the numbers beside an axis, whose ticks are that far apart, with the decimals that they need.
 * @param {number} step
 * @param {{ isShare?: boolean }} [options]
 */
export function axisNumber(step, { isShare = false } = {}) {
  const decimals = Math.min(MOST_DECIMALS, Math.max(0, decimalsOf(step) - (isShare ? 2 : 0)));
  return (/** @type {number} */ value) => fixed(value, decimals, isShare ? { style: "percent" } : {});
}

/**
 * A number in a field: all its digits in the visitor's language, without separators of thousands. Other text stays.
 * @param {unknown} value
 */
export const fieldText = (value) =>
  typeof value === "number" ? String(value).replace(".", DECIMAL_POINTS.get(locale()) ?? ".") : String(value ?? "");

/** @param {Iterable<unknown>} values */
const finite = (values) => /** @type {number[]} */ ([...values].filter(Number.isFinite));

/**
 * How many decimals a number needs.
 * @param {number} value
 */
function decimalsOf(value) {
  const [digits, exponent = "0"] = String(Math.abs(value)).split("e");
  return Math.min(MOST_DECIMALS, Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent)));
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
 * A time span in words, roughly: 20 seconds, 3 minutes.
 * @param {number} seconds
 */
export function about(seconds) {
  const [value, unit] =
    seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const step = value > 10 ? 5 : 1;
  const rounded = Math.max(1, Math.round(value / step) * step);
  return formatOf({ style: "unit", unit, unitDisplay: "long" }).format(rounded);
}

/**
 * A date with the time of day, such as 11/27/26, 2:05 PM.
 * @param {string} timestamp
 */
export const dateAndTime = (timestamp) =>
  new Date(timestamp).toLocaleString(locale(), { dateStyle: "short", timeStyle: "short" });
