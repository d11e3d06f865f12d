// @ts-check
// What is on the pad: strokes as vectors, or a picture. It can be undone, and it outlives the views that show it.

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ kind: "stroke", width: number, points: Point[] }} Stroke
 * @typedef {{ kind: "picture", image: OffscreenCanvas | null, file: Blob }} Picture What the pad shows, and the file.
 * @typedef {{ kind: "clear" }} Clear
 * @typedef {Stroke | Picture | Clear} Action
 */

const STORAGE_KEY = "naivenet.drawing";
const MOST_ACTIONS = 500;

export class Drawing {
  /** @type {Action[]} Everything that was done, oldest first. */
  #actions = storedStrokes();

  /** What can be seen: a picture and the strokes upon it, or strokes alone. @returns {(Stroke | Picture)[]} */
  get visible() {
    const start = this.#actions.findLastIndex(({ kind }) => kind !== "stroke");
    const seen = this.#actions.slice(Math.max(0, start));
    return /** @type {(Stroke | Picture)[]} */ (seen.filter(({ kind }) => kind !== "clear"));
  }

  get isBlank() {
    return this.visible.length === 0;
  }

  get canUndo() {
    return this.#actions.length > 0;
  }

  /** The file of a picture with nothing drawn upon it. @returns {Blob | null} */
  get file() {
    const [first, ...strokes] = this.visible;
    return first?.kind === "picture" && !strokes.length ? first.file : null;
  }

  /**
   * Begins a stroke.
   * @param {Point} point
   * @param {number} width
   */
  begin(point, width) {
    this.#add({ kind: "stroke", width, points: [point] });
  }

  /**
   * Extends the newest stroke.
   * @param {Point} point
   */
  extend(point) {
    const newest = this.#actions.at(-1);
    if (newest?.kind === "stroke") newest.points.push(point);
  }

  clear() {
    if (!this.isBlank) this.#add({ kind: "clear" });
    this.keep();
  }

  /**
   * Shows a picture in place of what was there.
   * @param {OffscreenCanvas | null} image Null where the browser cannot read the file.
   * @param {Blob} file
   */
  show(image, file) {
    this.#add({ kind: "picture", image, file });
    this.keep();
  }

  /** Takes the newest stroke, picture or clearing back. */
  undo() {
    this.#actions.pop();
    this.keep();
  }

  /** Stores the strokes, so that they are there again after a reload. */
  keep() {
    const strokes = this.visible.filter(({ kind }) => kind === "stroke");
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(strokes));
  }

  /** @param {Action} action */
  #add(action) {
    this.#actions.push(action);
    if (this.#actions.length > MOST_ACTIONS && action.kind !== "stroke") this.#actions.splice(0, MOST_ACTIONS / 2);
  }
}

/** @returns {Action[]} */
function storedStrokes() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** The drawing that all views with a pad share. */
export const sharedDrawing = new Drawing();
