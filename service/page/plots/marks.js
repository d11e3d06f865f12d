// @ts-check
// Which epochs a plot marks. service/charts/curves.py has the same rule; a test compares the two.

/** The least pixels between two marks: closer ones would look like a barcode. */
const PIXELS_A_MARK = 32;

/**
 * The epochs to mark, counted from 1: all where their marks have room, else every 2nd, 5th, 10th, 20th, and so on.
 * @param {number} epochs
 * @param {number} pixels The width on which the epochs are drawn.
 */
export function markedEpochs(epochs, pixels) {
  const most = Math.max(1, Math.floor(pixels / PIXELS_A_MARK));
  let every = 1;
  for (let i = 0; epochs > most * every; i++) every *= i % 3 === 1 ? 2.5 : 2;
  return Array.from({ length: Math.floor(epochs / every) }, (_, i) => every * (i + 1));
}

/**
 * Whether the points of so many epochs have room for a dot each.
 * @param {number} epochs
 * @param {number} pixels
 */
export const haveDots = (epochs, pixels) => epochs * 10 <= Math.max(pixels, 100);
