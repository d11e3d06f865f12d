// @ts-check
// A term that explains itself: hover, tap or focus shows one sentence about it, and the notebook's chapter.
// Its sentence in the word files is "Name: sentence"; screen readers get it as the description of the button.

import { button, h, uniqueId } from "./dom.js";
import { hasSentence, t } from "./words.js";

/** @import { Child } from "./dom.js" */

/** The notebooks' chapters, as keys of the word files, and the terms that each explains. */
const CHAPTERS = {
  data: ["train_images", "test_images", "validation"],
  layer: ["layer", "unit", "parameter", "weights"],
  batches: ["batch_size", "shuffle"],
  step: ["step", "gradient", "precision"],
  loop: ["epoch"],
  accuracy: ["accuracy", "chance_level"],
  initial_weights: ["initial_weights"],
  activation: ["activation", "relu", "softmax"],
  loss: ["loss", "smoothed", "overfitting", "early_stopping", "diverged"],
  optimizers: ["optimizer", "learning_rate", "momentum", "nesterov", "schedule"],
  hard: ["confusion_matrix", "saliency", "augmentation"],
  save: ["checkpoint"],
  seeds: ["seed"],
  experiments: ["experiment", "arm", "interval", "p", "verdict", "sweep", "standard_deviation"],
};

/** Every term, in the order of the notebooks' chapters. */
export const TERMS = Object.values(CHAPTERS).flat();

/** The terms of fields, facts and columns that are called otherwise. @type {Record<string, string>} */
const ALIASES = {
  augment: "augmentation",
  epochs: "epoch",
  initializer: "initial_weights",
  units: "unit",
  validation_split: "validation",
  test_accuracy: "accuracy",
  sd: "standard_deviation",
};

const OPENING_MS = 250;
const CLOSING_MS = 200;
const EDGE = 8;

/**
 * A term in a text, a heading or a table: its own words are the button.
 * @param {string} name
 * @param {Child} [text]
 */
export const term = (name, text = nameOfTerm(name)) => trigger(name, text, { class: "term" });

/**
 * A small question mark beside a label, for places where the words themselves have another use.
 * @param {string} name
 * @param {string} label
 */
const termMark = (name, label) =>
  trigger(name, h("span", { "aria-hidden": "true" }, "?"), {
    class: "term-mark",
    "aria-label": t("terms.what_is", { term: label }),
  });

/**
 * The question mark for the field at a JSON pointer, or null where its name is no term.
 * @param {string} pointer
 * @param {string} label
 */
export function fieldMark(pointer, label) {
  const field = pointer.slice(pointer.lastIndexOf("/") + 1);
  const name = ALIASES[field] ?? field;
  return TERMS.includes(name) ? termMark(name, label) : null;
}

/**
 * A heading as a term, where the name of its fact or column is one; else the heading as it is.
 * @param {string} name
 * @param {string} text
 */
export function termIfKnown(name, text) {
  const known = ALIASES[name] ?? name;
  return TERMS.includes(known) ? term(known, text) : text;
}

/** @param {string} name */
export const nameOfTerm = (name) => t(`term.${name}`).split(": ")[0];

/**
 * The sentence about a term, without its name.
 * @param {string} name
 */
export function sentenceOfTerm(name) {
  const text = t(`term.${name}`);
  const sentence = text.slice(text.indexOf(": ") + 2);
  return sentence[0].toUpperCase() + sentence.slice(1);
}

/**
 * Where the notebooks explain a term.
 * @param {string} name
 */
export function chapterOfTerm(name) {
  const chapter = Object.entries(CHAPTERS).find(([, names]) => names.includes(name));
  return chapter ? t(`chapter.${chapter[0]}`) : "";
}

/**
 * @param {string} name
 * @param {Child} content
 * @param {import("./dom.js").Properties} properties
 */
function trigger(name, content, properties) {
  if (!hasSentence(`term.${name}`)) throw new Error(`the word files have no term ${name}`);
  const show = () => showBeside(element, name);
  let timer = 0;
  const element = button(content, show, {
    ...properties,
    "data-term": name,
    "aria-describedby": descriptionOf(name),
    onfocus: () => element.matches(":focus-visible") && show(),
    onblur: () => hide(element),
    onpointerenter: (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") timer = setTimeout(() => element.isConnected && show(), OPENING_MS);
    },
    onpointerleave: () => {
      clearTimeout(timer);
      setTimeout(() => hideUnlessUsed(element), CLOSING_MS);
    },
  });
  return element;
}

/**
 * The id of a hidden paragraph with the sentence. All buttons of a term share it.
 * @param {string} name
 */
function descriptionOf(name) {
  const id = `term-${name}`;
  const text = sentenceOfTerm(name);
  const known = document.getElementById(id);
  if (known) known.textContent = text;
  else document.body.append(h("p", { id, hidden: true }, text));
  return id;
}

/** @type {HTMLElement | undefined} The one box that shows sentences. */
let box;
/** @type {HTMLElement | undefined} The button that it stands beside. */
let owner;

function theBox() {
  if (box) return box;
  box = h("div", { popover: "auto", class: "term-box", id: uniqueId("term-box") });
  box.addEventListener("pointerleave", () => owner && setTimeout(hideUnlessUsed, CLOSING_MS, owner));
  document.body.append(box);
  addEventListener("scroll", () => box?.matches(":popover-open") && box.hidePopover(), { passive: true });
  return box;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 */
function showBeside(element, name) {
  const shown = theBox();
  const title = h("strong", {}, nameOfTerm(name));
  shown.replaceChildren(title, h("p", {}, sentenceOfTerm(name)), h("p", { class: "hint" }, chapterOfTerm(name)));
  owner = element;
  if (!shown.matches(":popover-open")) shown.showPopover();
  place(shown, element.getBoundingClientRect());
}

/**
 * Puts the box below a button, or above it where there is no room, and inside the window.
 * @param {HTMLElement} shown
 * @param {DOMRect} button
 */
function place(shown, { left, top, bottom }) {
  Object.assign(shown.style, { left: "0", top: "0" });
  const { offsetWidth: width, offsetHeight: height } = shown;
  const x = Math.max(EDGE, Math.min(left, document.documentElement.clientWidth - width - EDGE));
  const y = bottom + height + EDGE < innerHeight ? bottom : Math.max(EDGE, top - height);
  shown.style.left = `${x}px`;
  shown.style.top = `${y}px`;
}

/** @param {HTMLElement} element */
function hideUnlessUsed(element) {
  if (element === document.activeElement || element.matches(":hover") || box?.matches(":hover")) return;
  hide(element);
}

/** @param {HTMLElement} element */
function hide(element) {
  if (owner === element && box?.matches(":popover-open")) box.hidePopover();
}
