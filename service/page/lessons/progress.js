// @ts-check
// What a visitor has done in the lessons. The browser keeps it, so that a reload shows the same runs and answers.

/**
 * @typedef {object} Progress
 * @property {{ id: string, arm: string }[]} runs The jobs of the newest start.
 * @property {string | null} experiment The experiment that they belong to.
 * @property {string | null} answer The newest answer, as it was typed or chosen.
 * @property {boolean} isSolved Whether the log has ever said that an answer is right.
 */

const KEY = "naivenet.lessons";

/** @returns {Record<string, Partial<Progress>>} */
function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/**
 * @param {string} name The lesson's name.
 * @returns {Progress}
 */
export const progressOf = (name) => ({ runs: [], experiment: null, answer: null, isSolved: false, ...stored()[name] });

/**
 * Stores some of a lesson's progress and keeps the rest.
 * @param {string} name
 * @param {Partial<Progress>} changes
 */
export function storeProgress(name, changes) {
  const all = { ...stored(), [name]: { ...progressOf(name), ...changes } };
  localStorage.setItem(KEY, JSON.stringify(all));
}
