// @ts-check
// The columns of the table of compared runs: first the results, then the fields that differ. The parameters of another
// optimizer, other layers and the like are folded into one cell.

import { fieldName } from "../ui/fields.js";
import { duration, exactColumn, MISSING, measuredColumn, number, percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { ComparedJob, Comparison, Job } from "../net/types.d.ts"
 *
 * @typedef {object} Column
 * @property {string} name What it is called in a file.
 * @property {string} label
 * @property {any[]} values One value a job; the table sorts by them.
 * @property {(value: any) => string} format
 * @property {boolean} [isNumber]
 * @property {Set<number>} [best] The indices of the jobs with the best value.
 */

const RESULTS = /** @type {const} */ ([
  "test_accuracy",
  "test_loss",
  "validation_accuracy",
  "validation_loss",
  "train_accuracy",
  "train_loss",
]);

/** How parameters are written in formulas. */
const SYMBOLS = /** @type {Record<string, string>} */ ({
  beta_1: "β₁",
  beta_2: "β₂",
  beta: "β",
  epsilon: "ε",
  rho: "ρ",
});

/** The initial weights of all layers: a part by itself, because they are rarely what makes layers differ. */
const INITIALIZERS = "/initializers";

/**
 * Parts of a configuration that are folded where the jobs have other fields in them. The learning rate, which each
 * optimizer has, keeps its own column.
 * @type {Record<string, (job: Job) => string>}
 */
const FOLDED = {
  "/optimizer": ({ optimizer }) => namedText(optimizer, ["learning_rate"]),
  "/network/layers": ({ network }) => network.layers.map(layerText).join(" – "),
  [INITIALIZERS]: ({ network }) =>
    [...new Set(network.layers.map(({ initializer }) => namedText(initializer)))].join(" – "),
  "/schedule": ({ schedule }) => (schedule ? namedText(schedule) : t("none")),
  "/augment": ({ augment }) => (augment ? parametersText(augment) : t("none")),
  "/early_stopping": ({ early_stopping: stop }) => (stop ? `${stop.monitor}, ${number(stop.patience)}` : t("none")),
  "/datasets": ({ dataset, datasets }) => datasets?.map(({ name }) => name).join(" + ") ?? dataset,
};

/**
 * @param {Comparison} comparison
 * @param {(id: string) => Job | undefined} jobOf
 * @returns {Column[]}
 */
export const columnsOf = (comparison, jobOf) => [...resultColumns(comparison.jobs), ...fieldColumns(comparison, jobOf)];

/**
 * @param {ComparedJob[]} jobs
 * @returns {Column[]}
 */
function resultColumns(jobs) {
  const measured = RESULTS.filter(
    (name) => !name.startsWith("validation") || jobs.some((job) => job.figures[name] !== null),
  );
  const whole = { format: number, isNumber: true };
  return [
    ...measured.map((name) => resultColumn(name, jobs)),
    { name: "epochs_done", label: t("run.epochs"), values: jobs.map((job) => job.epochs_done), ...whole },
    {
      name: "seconds",
      label: t("compare.seconds"),
      values: jobs.map((job) => job.seconds),
      format: (/** @type {number} */ seconds) => (seconds < 60 ? number(seconds, 2) : duration(seconds)),
      isNumber: true,
    },
  ];
}

/**
 * @param {typeof RESULTS[number]} name
 * @param {ComparedJob[]} jobs
 * @returns {Column}
 */
function resultColumn(name, jobs) {
  const values = jobs.map((job) => job.figures[name]);
  const isShare = name.endsWith("accuracy");
  const format = isShare ? (/** @type {number} */ share) => percent(share, 2) : measuredColumn(values);
  const best = bestOf(values, { isHighest: isShare });
  return { name, label: t(`metric.${name}`), values, format, isNumber: true, best };
}

/**
 * The indices of the best of at least two values; equal ones share it.
 * @param {(number | null)[]} values
 * @param {{ isHighest: boolean }} options
 */
function bestOf(values, { isHighest }) {
  const present = /** @type {number[]} */ (values.filter((value) => value !== null));
  if (present.length < 2) return new Set();
  const best = isHighest ? Math.max(...present) : Math.min(...present);
  return new Set(values.flatMap((value, index) => (value === best ? [index] : [])));
}

/**
 * @param {Comparison} comparison
 * @param {(id: string) => Job | undefined} jobOf
 * @returns {Column[]}
 */
function fieldColumns({ jobs, differences }, jobOf) {
  const folded = Object.keys(FOLDED).filter((prefix) => differences.some((field) => isUneven(field, prefix)));
  const single = differences.filter((field) => !folded.some((prefix) => belongsTo(field, prefix)));
  const foldedColumns = folded.map((prefix) => {
    const values = jobs.map(({ id }) => textOf(jobOf(id), FOLDED[prefix]));
    return { name: prefix, label: labelOf(prefix), values, format: String };
  });
  const differing = foldedColumns.filter(({ values }) => new Set(values).size > 1);
  return [...differing, ...single.map(({ pointer, values }) => fieldColumn(pointer, values))];
}

/**
 * @param {Job | undefined} job
 * @param {(job: Job) => string} write
 */
const textOf = (job, write) => (job ? write(job) : MISSING);

/**
 * Whether some of the jobs lack this field of the part, or have another kind of it.
 * @param {{ pointer: string, values: unknown[] }} field
 * @param {string} prefix
 */
const isUneven = (field, prefix) =>
  belongsTo(field, prefix) && (field.pointer.endsWith("/name") || field.values.some((value) => value === null));

/**
 * @param {{ pointer: string }} field
 * @param {string} prefix
 */
function belongsTo({ pointer }, prefix) {
  if (pointer === "/optimizer/learning_rate") return false;
  if (pointer.includes("/initializer/")) return prefix === INITIALIZERS;
  return pointer === prefix || pointer.startsWith(`${prefix}/`);
}

/**
 * @param {string} pointer
 * @param {any[]} values
 * @returns {Column}
 */
function fieldColumn(pointer, values) {
  const isNumber = values.every((value) => value === null || typeof value === "number");
  const format = pointer === "/seed" ? (/** @type {unknown} */ seed) => String(seed ?? MISSING) : exactColumn(values);
  return { name: pointer, label: labelOf(pointer), values, format, isNumber };
}

/**
 * The name of a configuration field, such as `Optimizer · Learning rate`.
 * @param {string} pointer
 */
export function labelOf(pointer) {
  const names = pointer.replace("/network/layers/", "/").slice(1).split("/");
  if (pointer === INITIALIZERS) return t("layer.initializer");
  return names[1] === "layers" ? t("runs.layers") : names.map(fieldName).join(" · ");
}

/**
 * Something with a name and parameters, such as `adam: β₁ 0.9, β₂ 0.999`.
 * @param {import("../net/types.d.ts").Named} named
 * @param {string[]} [without] Parameters that are left out.
 */
function namedText({ name, ...parameters }, without = []) {
  const shown = Object.fromEntries(Object.entries(parameters).filter(([key]) => !without.includes(key)));
  const text = parametersText(shown);
  return text ? `${name}: ${text}` : name;
}

/** @param {Record<string, unknown>} parameters */
const parametersText = (parameters) =>
  Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== false && value !== 0)
    .map(([name, value]) => `${SYMBOLS[name] ?? fieldName(name)} ${valueText(value)}`)
    .join(", ");

/** @param {unknown} value */
const valueText = (value) => (typeof value === "number" ? number(value) : value === true ? t("yes") : String(value));

/** @param {import("../net/types.d.ts").Layer} layer */
const layerText = ({ units, activation }) => `${units} ${activation}`;
