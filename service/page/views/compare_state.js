// @ts-check
// What the address of the view that compares runs says: which runs, which of them are pinned, and what the chart shows.

/**
 * @typedef {object} CompareState
 * @property {Set<string>} chosen The ids of the compared jobs.
 * @property {Set<string>} pinned The ids of jobs that stay chosen and first.
 * @property {string} figure The metric of the chart.
 * @property {string} place What the x axis counts.
 * @property {boolean} isLogarithmic
 */

export const FIGURES = ["loss", "test_accuracy", "train_accuracy", "test_loss", "train_loss"];
export const PLACES = ["step", "epoch", "images", "seconds"];

/** @param {string} figure */
export const naturalPlace = (figure) => (figure === "loss" ? "step" : "epoch");

/**
 * @param {string} argument The address behind `#/compare/`, such as `JOB,JOB?pinned=JOB`.
 * @returns {CompareState}
 */
export function stateOf(argument) {
  const [idList, query = location.hash.split("?")[1]] = argument.split("?");
  const parameters = new URLSearchParams(query);
  const pinned = listOf(parameters.get("pinned") ?? "");
  const figure = oneOf(FIGURES, parameters.get("figure")) ?? FIGURES[0];
  return {
    chosen: new Set([...pinned, ...listOf(idList)]),
    pinned: new Set(pinned),
    figure,
    place: oneOf(PLACES, parameters.get("x")) ?? naturalPlace(figure),
    isLogarithmic: parameters.get("scale") === "log",
  };
}

/** @param {CompareState} state */
export function addressOf({ chosen, pinned, figure, place, isLogarithmic }) {
  const parameters = new URLSearchParams();
  if (pinned.size) parameters.set("pinned", [...pinned].join(","));
  if (figure !== FIGURES[0]) parameters.set("figure", figure);
  if (place !== naturalPlace(figure)) parameters.set("x", place);
  if (isLogarithmic) parameters.set("scale", "log");
  const query = parameters.toString().replaceAll("%2C", ",");
  return `#/compare/${[...chosen].join(",")}${query && `?${query}`}`;
}

/**
 * The ids in a list; what cannot be one is left out.
 * @param {string} text
 */
const listOf = (text) => text.split(",").filter((id) => /^\w+$/.test(id));

/**
 * @param {string[]} choices
 * @param {string | null} value
 */
const oneOf = (choices, value) => (value !== null && choices.includes(value) ? value : null);
