// @ts-check
// Reads numbers, and lists of them, as visitors of any language write them.

const GROUPED_THOUSANDS = /^\d{1,3}([.,\s]\d{3})+$/;

/** JavaScript would read `0x10` and `Infinity` as well. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A comma alone is a decimal point in many languages; with a space behind it, it separates. */
const SEPARATOR = /\s*;\s*|,\s+/;

/**
 * Reads a number as the page writes it: a comma is a decimal point, but in a whole number it separates thousands.
 * Text that is no number is returned as it is.
 * @param {string} text
 * @param {{ isWhole: boolean, emptyValue?: unknown }} options
 */
export function parseNumber(text, { isWhole, emptyValue = null }) {
  if (text === "") return emptyValue;
  const plain = isWhole && GROUPED_THOUSANDS.test(text) ? text.replace(/\D/g, "") : text.replace(",", ".");
  const value = Number(plain);
  return DECIMAL.test(plain) && Number.isFinite(value) ? value : text;
}

/**
 * Reads several numbers: `0.01, 0.1, 1` or `0,01; 0,1; 1`. Returns null for a single number, and for any other text.
 * @param {string} text
 * @param {{ isWhole: boolean }} options
 * @returns {number[] | null}
 */
export function parseList(text, { isWhole }) {
  const parts = text.split(SEPARATOR).filter(Boolean);
  const values = parts.map((part) => parseNumber(part, { isWhole }));
  return values.length > 1 && values.every((value) => typeof value === "number") ? values : null;
}
