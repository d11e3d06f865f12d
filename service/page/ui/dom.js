// @ts-check
// Creates and fills HTML elements. The whole page is built with `h`.

/**
 * Text, an element, or a list of both; empty values are left out.
 * @typedef {Node | string | false | null | undefined | Child[]} Child
 *
 * Event listeners, attributes and DOM properties.
 * @typedef {{ [listener: `on${string}`]: (event: any) => unknown } & { [name: string]: any }} Properties
 */

/** Names that are attributes in HTML, but read-only or of another type as properties. */
const ATTRIBUTES = new Set(["class", "list", "width", "height"]);

/**
 * Creates an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties] Event listeners such as `onclick`, attributes and DOM properties.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) setProperty(element, name, value);
  return fill(element, ...children);
}

/**
 * @param {any} element
 * @param {string} name
 * @param {any} value
 */
function setProperty(element, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name in element && !ATTRIBUTES.has(name)) element[name] = value;
  else element.setAttribute(name, value);
}

/**
 * Replaces the children of an element.
 * @template {Element} T
 * @param {T} element
 * @param {...Child} children
 * @returns {T}
 */
export function fill(element, ...children) {
  const nodes = /** @type {any[]} */ (children).flat(Infinity);
  element.replaceChildren(...nodes.filter((node) => node !== null && node !== undefined && node !== false));
  return element;
}

/**
 * Replaces the children of an element and keeps the keyboard focus: the new element at the same place receives it, or
 * where the last of a list is gone, the one before.
 * @param {Element} element
 * @param {...Child} children
 */
export function refill(element, ...children) {
  const path = pathTo(document.activeElement, element);
  fill(element, ...children);
  /** @type {Element | undefined} */
  let place = path && element;
  for (const index of path ?? []) place = place?.children[Math.min(index, place.children.length - 1)];
  if (place instanceof HTMLElement && place !== element) place.focus({ preventScroll: true });
}

/**
 * The child indices that lead from *ancestor* to *element*, or undefined where it is no descendant.
 * @param {Element | null} element
 * @param {Element} ancestor
 * @returns {number[] | undefined}
 */
function pathTo(element, ancestor) {
  if (element === ancestor) return [];
  const parent = element?.parentElement;
  if (!element || !parent) return undefined;
  const path = pathTo(parent, ancestor);
  return path && [...path, [...parent.children].indexOf(element)];
}

let lastId = 0;

/**
 * An element id that is unused on the page. It connects labels with their fields.
 * @param {string} prefix
 */
export const uniqueId = (prefix) => `${prefix}-${++lastId}`;

/**
 * @param {Child} label
 * @param {() => unknown} onclick
 * @param {Properties} [properties]
 */
export const button = (label, onclick, properties = {}) =>
  h("button", { type: "button", onclick, ...properties }, label);

/**
 * A white box with a heading.
 * @param {Child} title
 * @param {...Child} children
 */
export const panel = (title, ...children) => h("section", { class: "panel" }, h("h2", {}, title), children);

/** An empty line for an error message; screen readers announce it as soon as it has text. */
export const errorLine = (properties = {}) => h("p", { class: "trouble", role: "alert", ...properties });

/**
 * @typedef {string | [value: string, label: string]} Option
 * @typedef {{ group: string, options: Option[] }} OptionGroup
 */

/**
 * Option elements for a select element.
 * @param {(Option | OptionGroup)[]} options
 * @param {string} chosen
 * @returns {HTMLElement[]}
 */
export const optionElements = (options, chosen) =>
  options.map((option) => {
    if (typeof option === "object" && "group" in option) {
      return h("optgroup", { label: option.group }, optionElements(option.options, chosen));
    }
    const [value, label] = Array.isArray(option) ? option : [option, option];
    return h("option", { value, selected: value === chosen }, label);
  });

/**
 * A list to choose from.
 * @param {(Option | OptionGroup)[]} options
 * @param {string} chosen
 * @param {(value: string) => void} onChange
 * @param {Properties} [properties]
 */
export const select = (options, chosen, onChange, properties = {}) =>
  h("select", { onchange: (event) => onChange(event.target.value), ...properties }, optionElements(options, chosen));

/**
 * A field below its label.
 * @param {string} label
 * @param {HTMLElement} field
 * @param {Properties} [properties]
 */
export function labelled(label, field, properties = {}) {
  field.id ||= uniqueId("field");
  return h("div", { class: "field", ...properties }, h("label", { htmlFor: field.id }, label), field);
}

/**
 * A table that scrolls, by keyboard too. The label names both.
 * @param {string} label
 * @param {HTMLTableElement} table
 * @param {Properties} [properties]
 */
export function scrollable(label, table, properties = {}) {
  if (!table.caption) table.ariaLabel ??= label;
  return h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": label, ...properties }, table);
}

/**
 * Sends a sentence to screen readers.
 * @param {string} text
 */
export function announce(text) {
  elementById("announcer").textContent = text;
}

/**
 * Writes an element's text, unless it has it already: each writing costs a layout.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Writes an element's text alternative, unless it has it already.
 * @param {Element} element
 * @param {string} label
 */
export function setLabel(element, label) {
  if (element.getAttribute("aria-label") !== label) element.setAttribute("aria-label", label);
}

/**
 * An element that index.html or the page has created.
 * @param {string} id
 */
export function elementById(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/**
 * A colour of the style sheet in the current theme.
 * @param {string} name Without the two dashes, such as `accent`.
 */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
