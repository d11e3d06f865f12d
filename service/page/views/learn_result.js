// @ts-check
// What a job of the Learn view has reached, in a sentence, and what to do next.

import { send } from "../net/api.js";
import { chanceFor, isByChance, learnedNothing } from "../net/chance.js";
import { neverTrained } from "../net/jobs.js";
import { readLive } from "../net/live_model.js";
import { button, errorLine, h } from "../ui/dom.js";
import { jobFailure, requestError } from "../ui/errors.js";
import { percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { Job, Version } from "../net/types.d.ts"
 * @import { LearnRun } from "./learn_run.js"
 *
 * @typedef {object} Next What the buttons do.
 * @property {() => void} draw
 * @property {() => void} change
 * @property {(live: Version | null) => void} use
 */

/** What guessing one of ten digits reads, where the dataset has too few test images to say it. */
const GUESSING = 0.1;

/**
 * @param {LearnRun} run A job that has ended.
 * @param {{ live: Version | null, before: Job | null }} others What answered before, and the job before this one.
 * @param {Next} next
 */
export function resultElements(run, { live, before }, next) {
  const { job } = run;
  const links = [
    button(t("learn.draw_again"), next.draw, { id: "draw-again" }),
    button(t("learn.change"), next.change, { id: "change-one" }),
    before && h("a", { class: "button", href: `#/compare/${job.id},${before.id}` }, t("learn.compare")),
    h("a", { class: "button", href: `#/look/${job.id}` }, t("tab.look")),
  ];
  const version = job.result?.model_version ?? null;
  const isOther = version !== null && version !== live?.version;
  return [
    !learnedNothing(job) && h("p", { class: "verdict", role: "status" }, sentence(run, live)),
    h("div", { class: "buttons" }, links, isOther && useButton(version, next, run.signal)),
  ];
}

/**
 * @param {LearnRun} run
 * @param {Version | null} live
 */
function sentence({ job, epoch }, live) {
  if (neverTrained(job)) return job.error ? jobFailure(job.error) : t("learn.stopped_early");
  if (job.status === "failed") return job.error ? jobFailure(job.error) : "";
  const accuracy = job.result?.test_accuracy ?? epoch?.test_accuracy;
  if (typeof accuracy !== "number") return t("learn.stopped_early");
  const stopped = job.status === "cancelled" && t("learn.stopped");
  const other = live && live.version !== job.result?.model_version ? live.test_accuracy : null;
  const comparison = other !== null && t("learn.than_model", { share: percent(other) });
  return [stopped, reached(job, accuracy), comparison].filter(Boolean).join(" ");
}

/**
 * What a network reads, compared with chance.
 * @param {Job} job
 * @param {number} accuracy
 */
function reached(job, accuracy) {
  const [share, level] = [percent(accuracy), chanceFor(job)?.level ?? GUESSING];
  return isByChance(job, accuracy)
    ? t("learn.nothing", { share, level: percent(level) })
    : t("learn.result", { share, times: Math.round(accuracy / level) });
}

/**
 * A button that makes the job's network the one that answers.
 * @param {number} version
 * @param {Next} next
 * @param {AbortSignal} signal
 */
function useButton(version, next, signal) {
  const error = errorLine();
  const message = h("p", { role: "status" });
  const use = async () => {
    error.textContent = "";
    try {
      await send("PUT", "v1/models/digits/aliases/live", { version });
      next.use(await readLive(signal));
      message.textContent = t("teach.is_live", { version });
    } catch (problem) {
      error.textContent = requestError(problem);
    }
  };
  return [button(t("teach.use"), use, { id: "use" }), error, message];
}
