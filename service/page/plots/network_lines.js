// @ts-check
// The lines between the units of two layers: the strongest weights, thicker and more opaque the larger they are.

/** How many lines are drawn between two layers at most. */
const MOST_LINES = 100;

/**
 * Lines between two layers, strongest last, so that the strongest lie on top.
 * @typedef {object} Lines
 * @property {Uint8Array} from The row of the unit below.
 * @property {Uint8Array} to The row of the unit.
 * @property {Float32Array} strength From -1 to 1: the weight as a share of the largest one.
 */

/**
 * The strongest weights between two layers. A weight that is not finite has no line.
 * @param {(number | null)[][]} weights From each unit below (rows) to each unit.
 * @param {number} [most]
 * @returns {Lines}
 */
export function strongestLines(weights, most = MOST_LINES) {
  const found = weights.flatMap((row, from) => row.map((weight, to) => ({ from, to, weight: weight ?? 0 })));
  found.sort((one, other) => Math.abs(one.weight) - Math.abs(other.weight));
  const strongest = found.filter(({ weight }) => weight !== 0).slice(-most);
  const largest = Math.abs(strongest.at(-1)?.weight ?? 1);
  return {
    from: Uint8Array.from(strongest, ({ from }) => from),
    to: Uint8Array.from(strongest, ({ to }) => to),
    strength: Float32Array.from(strongest, ({ weight }) => weight / largest),
  };
}

/**
 * All weights into one unit, or out of one.
 * @param {(number | null)[][]} weights
 * @param {{ to: number } | { from: number }} unit
 */
export function linesOf(weights, unit) {
  const isOf = (/** @type {number} */ from, /** @type {number} */ to) =>
    "to" in unit ? to === unit.to : from === unit.from;
  const only = weights.map((row, from) => row.map((weight, to) => (isOf(from, to) ? weight : 0)));
  return strongestLines(only);
}
