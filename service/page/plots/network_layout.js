// @ts-check
// Where the units of a network lie in its picture: a row for each shown unit, centred in the column of its layer.

import { MOST_UNITS } from "../net/network.js";

/** The height of a unit's row, in pixels. */
export const ROW = 19;

/** The height of the units of a full column, and of the canvas, which has room for a handle below them. */
export const UNITS_HEIGHT = MOST_UNITS * ROW;
export const BODY_HEIGHT = UNITS_HEIGHT + 36;

/** The radius of a unit's lamp, and the side of its picture of weights. */
export const LAMP = 6;
export const PICTURE = ROW - 2;

/** How far a picture of weights lies left of its lamp. */
export const PICTURE_GAP = 26;

/**
 * A column of units. The rest of a column is HTML, so its place is measured.
 * @typedef {object} Column
 * @property {number} x The centre of its units.
 * @property {number} top The upper edge of the first row.
 * @property {number} rows
 */

/**
 * How many rows a layer has: one for each unit as long as they fit.
 * @param {unknown} units
 */
export const rowsOf = (units) =>
  typeof units === "number" && units >= 1 ? Math.min(MOST_UNITS, Math.floor(units)) : 1;

/**
 * The upper edge of the first of so many rows.
 * @param {number} rows
 */
export const topOf = (rows) => ((MOST_UNITS - rows) * ROW) / 2;

/**
 * The centre of a row.
 * @param {Column} column
 * @param {number} row
 */
export const rowCentre = ({ top }, row) => top + (row + 0.5) * ROW;

/**
 * The unit at a point: the layer and its row, or null where there is none.
 * @param {Column[]} columns
 * @param {{ x: number, y: number }} point
 * @param {number} reach How far a point may lie beside the centre of a column.
 */
export function unitAt(columns, { x, y }, reach) {
  const layer = columns.findIndex((column) => Math.abs(column.x - x) <= reach);
  if (layer < 0) return null;
  const row = Math.floor((y - columns[layer].top) / ROW);
  return row >= 0 && row < columns[layer].rows ? { layer, row } : null;
}

/**
 * The numbers of the units shown of a layer, as the API chooses them: evenly spaced.
 * @param {number} units
 */
export function shownUnits(units) {
  const rows = rowsOf(units);
  return Array.from({ length: rows }, (_, row) => (rows === 1 ? 0 : Math.round((row * (units - 1)) / (rows - 1))));
}

/**
 * The unit to which an arrow key leads from another one.
 * @param {Column[]} columns
 * @param {{ layer: number, row: number }} from
 * @param {string} key
 */
export function neighbour(columns, { layer, row }, key) {
  const next = layer + (key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0);
  const column = columns[next];
  if (!column) return { layer, row };
  const wanted = key === "ArrowDown" ? row + 1 : key === "ArrowUp" ? row - 1 : row;
  return { layer: next, row: Math.min(column.rows - 1, Math.max(0, wanted)) };
}
