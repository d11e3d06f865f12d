// @ts-check
// The lessons: guided experiments, each with a question that its log answers; and all terms with their sentences.

import { LESSONS, lessonNamed } from "../lessons/all.js";
import { progressOf } from "../lessons/progress.js";
import { readQuery } from "../net/address_query.js";
import { partsOfAddress } from "../net/configuration_address.js";
import { fill, h, panel } from "../ui/dom.js";
import { chapterOfTerm, nameOfTerm, sentenceOfTerm, TERMS } from "../ui/term.js";
import { t } from "../ui/words.js";
import { LessonPage } from "./lesson.js";

/** @import { Lesson } from "../lessons/readings.js" */

/**
 * Shows all lessons, or the lesson of that name.
 * @param {HTMLElement} root
 * @param {string} _argument
 * @param {AbortSignal} signal
 */
export async function lessons(root, _argument, signal) {
  const { argument, query } = partsOfAddress(location.hash);
  if (argument === "terms") return showTerms(root);
  const lesson = lessonNamed(argument);
  if (!lesson) return showAll(root);
  const { dataset } = query ? readQuery(query).values : {};
  document.title = `${t(`lesson.${lesson.name}.title`)} · naivenet`;
  await new LessonPage(lesson, typeof dataset === "string" ? dataset : undefined, signal).show(root);
}

/** @param {HTMLElement} root */
function showAll(root) {
  fill(
    root,
    h("h1", {}, t("lessons.title")),
    h("p", { class: "lead" }, t("lessons.lead")),
    h("ol", { class: "lesson-cards" }, LESSONS.map(card)),
    h("p", {}, h("a", { class: "quiet button", href: "#/lessons/terms" }, t("lessons.terms"))),
  );
}

/** @param {Lesson} lesson */
function card({ name, seconds }) {
  const { isSolved, runs } = progressOf(name);
  const state = isSolved ? "solved" : runs.length ? "begun" : null;
  return h(
    "li",
    { class: "panel", "data-lesson": name },
    h("h2", {}, h("a", { href: `#/lessons/${name}` }, t(`lesson.${name}.title`))),
    h("p", {}, t(`lesson.${name}.teaser`)),
    h("p", { class: "hint" }, t("lessons.time", { seconds })),
    state && h("p", { class: `state ${state}` }, t(`lessons.${state}`)),
  );
}

/** @param {HTMLElement} root */
function showTerms(root) {
  const entries = TERMS.map((name) => [
    h("dt", {}, nameOfTerm(name)),
    h("dd", {}, sentenceOfTerm(name), " ", h("span", { class: "hint" }, chapterOfTerm(name))),
  ]);
  fill(
    root,
    h("p", {}, h("a", { href: "#/lessons" }, t("lessons.all"))),
    h("h1", {}, t("lessons.terms")),
    panel(t("lessons.terms.title"), h("dl", { class: "terms" }, entries)),
  );
}
