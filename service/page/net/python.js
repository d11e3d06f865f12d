// @ts-check
// A request as a Python program that uses the project's own client.

/**
 * A program that trains what *body* says and waits for the result. It finds an API key in the environment variable
 * NAIVENET_KEY, so that the screen never shows the key.
 * @param {object} body As for `POST /v1/jobs`.
 */
export function pythonProgram(body) {
  const url = JSON.stringify(new URL(".", document.baseURI).href);
  return [
    "from naivenet_client import Client",
    "",
    `with Client(${url}) as client:`,
    `    job = client.jobs.create(${literal(body)})`,
    "    print(job.wait().result)",
  ].join("\n");
}

/**
 * A value of JSON in Python's notation.
 * @param {unknown} value
 * @returns {string}
 */
function literal(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${literal(each)}`);
  return `{${entries.join(", ")}}`;
}
