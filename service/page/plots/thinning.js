// @ts-check
// Thins a curve of many points to the points that can be seen.

/**
 * Yields of each half pixel column the first, lowest and highest point, as pairs of x pixel and value. A line through
 * them looks the same as a line through all points: fifty thousand points become about two thousand.
 * @param {ArrayLike<number>} values
 * @param {(index: number) => number} xOf The x pixel of a point; never falls.
 * @returns {Generator<[x: number, value: number]>}
 */
export function* thinned(values, xOf) {
  let column = NaN;
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const x = Math.round(xOf(i) * 2) / 2;
    if (x !== column) {
      yield* extremes(column, low, high);
      yield [x, value];
      column = x;
      low = high = value;
    } else if (value < low) low = value;
    else if (value > high) high = value;
  }
  yield* extremes(column, low, high);
}

/**
 * The lowest and highest point of a column, unless it has one value only.
 * @param {number} x
 * @param {number} low
 * @param {number} high
 * @returns {Generator<[x: number, value: number]>}
 */
function* extremes(x, low, high) {
  if (low === high) return;
  yield [x, low];
  yield [x, high];
}
