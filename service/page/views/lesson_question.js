// @ts-check
// The question of a lesson. The log of the runs decides whether an answer is right; no answer is stored on the page.

import { lessonAfter } from "../lessons/all.js";
import { progressOf, storeProgress } from "../lessons/progress.js";
import { parseNumber } from "../net/numbers.js";
import { fill, h, labelled, uniqueId } from "../ui/dom.js";
import { number, percent, percentagePoints } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { Figure, Lesson, Reading, Run } from "../lessons/readings.js"
 */

const BOOK = "https://github.com/fchollet/deep-learning-with-python-notebooks/blob/master";

export class LessonQuestion {
  /** What the verdict that is shown is about, so that new log entries do not announce it again. */
  shown = "";

  /**
   * @param {Lesson} lesson
   * @param {() => Run[]} runs
   * @param {string} tryMore The address of the form with the lesson's configuration.
   */
  constructor(lesson, runs, tryMore) {
    this.lesson = lesson;
    this.runs = runs;
    this.tryMore = tryMore;
    this.given = progressOf(lesson.name).answer;
    this.verdict = h("div", { class: "lesson-verdict", role: "status" });
    const onsubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.check(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("answer"));
    };
    const form = h("form", { onsubmit, noValidate: true }, this.field(), h("button", {}, t("lessons.check")));
    this.element = h(
      "section",
      { class: "panel lesson-question" },
      h("h2", {}, t("lessons.question")),
      form,
      this.verdict,
    );
    this.refresh();
  }

  field() {
    const question = t(`lesson.${this.lesson.name}.question`);
    const { choices } = this.lesson.question;
    if (!choices) {
      const input = h("input", { type: "text", inputMode: "numeric", autocomplete: "off", name: "answer" });
      input.value = this.given ?? "";
      return labelled(question, input, { class: "field lesson-answer" });
    }
    const options = choices.map((choice) => {
      const radio = h("input", { type: "radio", name: "answer", value: choice, checked: choice === this.given });
      return h("label", { class: "choice" }, radio, h("span", {}, t(`lesson.${this.lesson.name}.choice.${choice}`)));
    });
    const id = uniqueId("question");
    return h("div", { role: "radiogroup", "aria-labelledby": id }, h("p", { id }, question), options);
  }

  /** @param {FormDataEntryValue | null} answer */
  check(answer) {
    const text = String(answer ?? "").trim();
    const isNumber = !this.lesson.question.choices;
    if (!text || (isNumber && typeof parseNumber(text, { isWhole: true, emptyValue: null }) !== "number")) {
      this.given = null;
      return this.say(t(isNumber ? "lessons.no_number" : "lessons.no_answer"));
    }
    this.given = text;
    this.shown = "";
    storeProgress(this.lesson.name, { answer: text });
    this.refresh();
  }

  /** What the log says by now, or null while it does not answer the question. */
  reading() {
    return this.lesson.question.read(this.runs());
  }

  /** Checks the answer again, with what the log says by now. */
  refresh() {
    if (this.given === null) return;
    const reading = this.reading();
    if (!reading) return this.say(t("lessons.kept"));
    const isRight = this.isRight(reading);
    const state = `${this.given} ${reading.run} ${isRight}`;
    if (state === this.shown) return;
    this.shown = state;
    if (isRight) storeProgress(this.lesson.name, { isSolved: true });
    fill(this.verdict, this.result(reading, isRight));
  }

  /** @param {Reading} reading */
  isRight({ answer }) {
    const { choices, tolerance = 0 } = this.lesson.question;
    return choices ? this.given === answer : Math.abs(Number(this.given) - Number(answer)) <= tolerance;
  }

  /** @param {string} text */
  say(text) {
    this.shown = "";
    if (this.verdict.textContent !== text) fill(this.verdict, h("p", {}, text));
  }

  /**
   * @param {Reading} reading
   * @param {boolean} isRight
   */
  result({ figures, run }, isRight) {
    const { name, chapter, book } = this.lesson;
    const texts = Object.fromEntries(Object.entries(figures).map(([figure, value]) => [figure, formatted(value)]));
    const following = lessonAfter(this.lesson);
    const evidence = t(`lesson.${name}.evidence`, texts);
    return [
      h(
        "p",
        { class: isRight ? "right" : "wrong", "data-right": String(isRight) },
        h("strong", {}, isRight ? t("lessons.right") : t("lessons.wrong")),
        " ",
        evidence,
        " ",
        h("a", { href: `#/watch/${run}` }, t("lessons.see")),
      ),
      h("p", {}, t(`lesson.${name}.why`)),
      h("p", { class: "hint" }, t("lessons.chapter", { chapter: t(`chapter.${chapter}`) })),
      h(
        "p",
        { class: "next" },
        h("a", { class: "button", href: this.tryMore }, t("lessons.try")),
        following && h("a", { class: "button", href: `#/lessons/${following.name}` }, t("lessons.next")),
        h(
          "a",
          { href: `${BOOK}/chapter${book}.ipynb`, rel: "noreferrer", target: "_blank" },
          t(`book.${book.slice(0, 2)}`),
        ),
      ),
    ];
  }
}

/** @param {Figure} figure */
function formatted({ value, as }) {
  if (as === "share") return percent(value, 2);
  if (as === "points") return percentagePoints(value);
  return number(value);
}
