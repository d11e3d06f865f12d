// A job's configuration, as the form edits it and as a request says it: only what differs from its preset.

/** What *config* says otherwise than *base*: enough for the service to arrive at *config* again. */
export function difference(config, base) {
  const changes = {};
  for (const [name, value] of Object.entries(config)) {
    const before = base?.[name];
    if (same(value, before)) continue;
    const mergeable = isObject(value) && isObject(before) && value.name === before.name;
    changes[name] = mergeable ? difference(value, before) : value;
  }
  return changes;
}

/** The body of the request that asks for *config*, which was begun from that preset. */
export function bodyOf(config, presets) {
  const { preset } = config;
  const changes = difference(config, presets[preset]);
  return preset === "notebook" ? changes : { preset, ...changes };
}

/** The request as a line for a terminal; a key goes by its variable, so that nobody sees it over a shoulder. */
export function curlOf(body, { withKey = false } = {}) {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  const key = withKey ? '-H "Authorization: Bearer $NAIVENET_KEY" \\\n  ' : "";
  return `curl ${new URL("v1/jobs", document.baseURI)} \\\n  ${key}-H 'Content-Type: application/json' \\\n  -d '${json}'`;
}

/** A thing of that kind with the defaults of its parameters. */
export function withDefaults(choices, name) {
  const { parameters } = choices.find((choice) => choice.name === name);
  return { name, ...Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default])) };
}

/** A configuration in few words. */
export function inWords({ optimizer, network, epochs }) {
  return `${optimizer.name} ${optimizer.learning_rate} · ${network.layers.map((layer) => layer.units).join("–")} · ${epochs}×`;
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
