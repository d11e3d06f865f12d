// @ts-check
// Writes nested values as the query of an address, and reads them again: `epochs=3&/optimizer/learning_rate=0.1`.
// A value inside another one has a JSON pointer. A list of objects has its length at its own pointer; without it, the
// query changes parts of a list that is already there.

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const LONGEST_LIST = 100;

/** Characters that `encodeURIComponent` escapes, although an address may contain them there. */
const READABLE = /%(2F|3B|3A|2C|40|5B|5D|7B|7D|2B)/g;

/**
 * @param {Record<string, unknown>} values
 * @returns {string} Without a question mark.
 */
export const writeQuery = (values) =>
  partsOf(values, "")
    .map(([pointer, text]) => `${encoded(nameAt(pointer))}=${encoded(text)}`)
    .join("&");

/**
 * @param {string} query
 * @returns {{ values: Record<string, any>, broken: string[] }} The parts that cannot be read are in *broken*.
 */
export function readQuery(query) {
  /** @type {Node} */
  const root = { parts: new Map() };
  const broken = query.split("&").filter((part) => part && !store(root, part));
  return { values: contentOf(root) ?? {}, broken };
}

/** @typedef {{ value?: unknown, parts: Map<string, Node> }} Node A value of the query, and the values inside it. */

/**
 * The pointers and texts of a value and of all that is inside it.
 * @param {unknown} value
 * @param {string} pointer
 * @returns {[pointer: string, text: string][]}
 */
function partsOf(value, pointer) {
  if (value === undefined) return [];
  if (!isCompound(value)) return [[pointer, textOf(value)]];
  const inside = Object.entries(/** @type {object} */ (value)).flatMap(([name, part]) =>
    partsOf(part, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
  return Array.isArray(value) ? [[pointer, String(value.length)], ...inside] : inside;
}

/**
 * Whether a value has parts with pointers of their own; a list of numbers has not.
 * @param {unknown} value
 */
function isCompound(value) {
  if (Array.isArray(value)) return value.some((each) => each !== null && typeof each === "object");
  return value !== null && typeof value === "object" && Object.keys(value).length > 0;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function textOf(value) {
  if (!Array.isArray(value)) return typeof value === "string" ? stringText(value) : JSON.stringify(value);
  if (!value.length) return "[]";
  return value.map(textOf).join(";") + (value.length === 1 ? ";" : "");
}

/**
 * A string as it is, or in quotes where it would be read as something else.
 * @param {string} text
 */
const stringText = (text) => (text && readText(text) === text ? text : JSON.stringify(text).replaceAll(";", "\\u003b"));

/**
 * The value of a text: a number, true, false, null, a list with semicolons, else the text itself.
 * @param {string} text
 * @returns {unknown} Undefined where a quoted text is broken.
 */
function readText(text) {
  if (text.includes(";")) return readList(text);
  const isJson = NUMBER.test(text) || /^(true|false|null|\[\]|\{\}|".*)$/s.test(text);
  if (!isJson) return text;
  try {
    return JSON.parse(text);
  } catch {
    return /^"/.test(text) ? undefined : Number(text); // JSON has no leading zeros
  }
}

/**
 * @param {string} text
 * @returns {unknown[] | undefined}
 */
function readList(text) {
  const items = text.replace(/;$/, "").split(";").map(readText);
  return items.includes(undefined) ? undefined : items;
}

/**
 * Stores a part of the query at its pointer; returns false where the part is broken.
 * @param {Node} root
 * @param {string} part
 */
function store(root, part) {
  const [name, ...rest] = part.split("=");
  try {
    const value = readText(decodeURIComponent(rest.join("=")));
    if (!rest.length || value === undefined) return false;
    const node = nodeAt(root, decodeURIComponent(name));
    if ("value" in node) return false;
    node.value = value;
    return true;
  } catch {
    return false; // an escape sequence that is none
  }
}

/**
 * @param {Node} root
 * @param {string} name
 */
function nodeAt(root, name) {
  let node = root;
  for (const step of stepsOf(name)) {
    const next = node.parts.get(step) ?? { parts: new Map() };
    node.parts.set(step, next);
    node = next;
  }
  return node;
}

/** @param {string} name A name, or a JSON pointer. */
const stepsOf = (name) =>
  name.startsWith("/")
    ? name
        .slice(1)
        .split("/")
        .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    : [name];

/**
 * A value with the values inside it; a text is their name, as in `optimizer=adam&/optimizer/learning_rate=0.01`.
 * @param {Node} node
 * @returns {any}
 */
function contentOf({ value, parts }) {
  if (!parts.size) return value;
  const inside = Object.fromEntries([...parts].map(([name, part]) => [name, contentOf(part)]));
  const isList = typeof value === "number" && value >= 0 && value <= LONGEST_LIST;
  if (isList) return Array.from({ length: value }, (_, index) => inside[index]);
  return typeof value === "string" ? { name: value, ...inside } : inside;
}

/**
 * How a pointer is written: without its slash where it has one step only.
 * @param {string} pointer
 */
const nameAt = (pointer) => (/^\/[^/~]+$/.test(pointer) ? pointer.slice(1) : pointer);

/** @param {string} text */
const encoded = (text) => encodeURIComponent(text).replace(READABLE, decodeURIComponent);
