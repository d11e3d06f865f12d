// @ts-check
// Which epochs a plot marks. service/charts/curves.py has the same rule; a test compares the two.

/** With more epochs than this, marks and dots would crowd the plot. */
export const MOST_MARKS = 60;

/**
 * The epochs to mark, counted from 1: all of up to sixty; of more every 2nd, 5th, 10th, 20th, and so on.
 * @param {number} epochs
 */
export function markedEpochs(epochs) {
  let every = 1;
  for (let i = 0; epochs > MOST_MARKS * every; i++) every *= i % 3 === 1 ? 2.5 : 2;
  return Array.from({ length: Math.floor(epochs / every) }, (_, i) => every * (i + 1));
}
