// @ts-check
// What can answer on the draw view: models by alias or version, and jobs with their newest weights.

import { neverTrained } from "../net/jobs.js";
import { percent } from "../ui/format.js";
import { nameOf, statusName, whyUntrained } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/**
 * @import { Job, Model } from "../net/types.d.ts"
 * @import { OptionGroup, Option } from "../ui/dom.js"
 *
 * @typedef {{ models: Model[], jobs: Job[] }} Sources
 */

/** The best version so far, unless a client has set the alias to another one. */
export const LIVE = "digits@live";

const JOB_PREFIX = "job:";

/**
 * Whether a source has weights to answer with.
 * @param {Sources} sources
 * @param {string} source
 */
export const canAnswer = ({ models, jobs }, source) =>
  source.startsWith(JOB_PREFIX)
    ? !jobs.some((job) => neverTrained(job) && source === `${JOB_PREFIX}${job.id}`)
    : models.some(({ name, versions }) => versions.length > 0 && source.startsWith(`${name}@`));

/**
 * Why a source has no weights to answer with.
 * @param {Sources} sources
 * @param {string} source
 */
export function whyNoAnswer({ jobs }, source) {
  const job = jobs.find(({ id }) => source === `${JOB_PREFIX}${id}`);
  return job ? whyUntrained(job) : t("draw.no_model");
}

/**
 * The API's path for a prediction by a source, with the image it saw and the saliency.
 * @param {string} source
 */
export function predictionPath(source) {
  const explained = "trace=true&explain=saliency";
  if (source.startsWith(JOB_PREFIX)) return `v1/jobs/${source.slice(JOB_PREFIX.length)}/predict?${explained}`;
  const [model, which] = source.split("@");
  return `v1/predict?model=${model}&${/^\d+$/.test(which) ? "version" : "alias"}=${which}&${explained}`;
}

/**
 * The list to choose a source from. It contains *source* even where the API no longer lists it.
 * @param {Sources} sources
 * @param {string} source
 * @returns {(Option | OptionGroup)[]}
 */
export function sourceOptions({ models, jobs }, source) {
  const modelGroups = models.filter(({ versions }) => versions.length).map(modelGroup);
  const jobOptions = jobs.filter((job) => isListed(job, source)).map(jobOption);
  const groups = jobOptions.length ? [...modelGroups, { group: t("draw.jobs"), options: jobOptions }] : modelGroups;
  const isKnown = groups.some(({ options }) => options.some(([value]) => value === source));
  return isKnown ? groups : [[source, source === LIVE ? t("draw.live") : source], ...groups];
}

/**
 * @param {Job} job
 * @param {string} source
 */
const isListed = (job, source) =>
  (job.status !== "queued" && job.status !== "failed" && !neverTrained(job)) || source === `${JOB_PREFIX}${job.id}`;

/**
 * @param {Job} job
 * @returns {[string, string]}
 */
const jobOption = (job) => [
  `${JOB_PREFIX}${job.id}`,
  t("draw.job", { name: nameOf(job), status: statusName(job.status) }),
];

/**
 * A model's aliases, then its versions.
 * @param {Model} model
 * @returns {{ group: string, options: [string, string][] }}
 */
const modelGroup = ({ name, aliases, versions }) => ({
  group: t("draw.model", { name }),
  options: [
    ...aliases.map((each) => /** @type {[string, string]} */ ([`${name}@${each.alias}`, aliasName(each)])),
    ...versions.map(
      ({ version, test_accuracy: accuracy }) =>
        /** @type {[string, string]} */ ([
          `${name}@${version}`,
          t("draw.version", { version, share: percent(accuracy) }),
        ]),
    ),
  ],
});

/**
 * The alias `live` is the best version so far, unless a client has set it to another one.
 * @param {Model["aliases"][number]} alias
 */
const aliasName = ({ alias, version, pinned }) =>
  alias === "live" && !pinned ? t("draw.live") : t("draw.alias", { alias, version });
