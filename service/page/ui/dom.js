// Makes elements: the whole page is written with this one function.

/** An element; properties that begin with "on" listen, `class` and `data-`, `aria-` ones are attributes, the rest properties. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name in element && !name.includes("-") && name !== "list" && name !== "width" && name !== "height") element[name] = value;
  else element.setAttribute(name === "class" ? "class" : name, value);
}

/** Puts *children* where others were. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return element;
}

/** The same, and what had the focus has it again: what stands where it stood. */
export function refill(element, ...children) {
  const place = [];
  let one = document.activeElement;
  for (; one && one !== element; one = one.parentElement) place.unshift([...(one.parentElement?.children ?? [])].indexOf(one));
  fill(element, ...children);
  if (one) place.reduce((at, i) => at?.children[i], element)?.focus({ preventScroll: true });
  return element;
}

/** A number that no other call gives: ties labels to their fields. */
export const unique = (() => {
  let last = 0;
  return (prefix) => `${prefix}-${++last}`;
})();

/** A button. */
export const button = (label, onclick, properties = {}) => h("button", { type: "button", onclick, ...properties }, label);

/** Choices: values, pairs of value and label, or groups of them, each `{ group, choices }`. */
export const options = (choices, chosen) => choices.map((choice) => {
  if (choice.group) return h("optgroup", { label: choice.group }, options(choice.choices, chosen));
  const [value, label] = Array.isArray(choice) ? choice : [choice, choice];
  return h("option", { value, selected: value === chosen }, label);
});

/** A list to choose from. */
export const select = (choices, chosen, onchange, properties = {}) =>
  h("select", { onchange: (event) => onchange(event.target.value), ...properties }, options(choices, chosen));

/** A field under its label. */
export function labelled(text, field, properties = {}) {
  field.id ||= unique("field");
  return h("div", { class: "field", ...properties }, h("label", { htmlFor: field.id }, text), field);
}

/** Says something to those who listen to the page. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** What the style sheet says of a colour. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
