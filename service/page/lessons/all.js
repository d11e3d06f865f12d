// @ts-check
// The lessons, in the order in which the page shows them.

import { optimizer } from "./optimizer.js";
import { overfitting } from "./overfitting.js";
import { rate } from "./rate.js";
import { seed } from "./seed.js";
import { small } from "./small.js";
import { softmax } from "./softmax.js";
import { zeros } from "./zeros.js";

export const LESSONS = [zeros, rate, softmax, small, overfitting, optimizer, seed];

/** @param {string} name */
export const lessonNamed = (name) => LESSONS.find((lesson) => lesson.name === name);

/**
 * The lesson that comes after another one, or undefined after the last.
 * @param {import("./readings.js").Lesson} lesson
 */
export const lessonAfter = (lesson) => LESSONS[LESSONS.indexOf(lesson) + 1];
