// @ts-check
// The header of the page: links to the views, the language, and the theme.

import { button, elementById, fill, h } from "./dom.js";
import { openingSelect } from "./opening_select.js";
import { setPresentation } from "./presentation.js";
import { svg } from "./svg.js";
import { switchTheme } from "./theme.js";
import { currentLanguage, LANGUAGES, t } from "./words.js";

/** The views that the header links, in their order. The others show one run, and are reached from it. */
const LINKED = ["learn", "lessons", "draw", "train", "runs", "compare", "experiment"];

/** @type {Record<string, string>} The link that is marked while a view without one is shown. */
const MARKED = { watch: "runs", look: "runs", step: "runs" };

/** Icons as paths: not every font has the characters for them. */
const SCREEN = "M3 4h18v12H3z M8 20h8 M12 16v4";
const HALF_MOON = "M12 3a9 9 0 0 0 0 18z M12 3a9 9 0 0 1 0 18";

/**
 * Shows the header in the current language.
 * @param {string[]} views
 * @param {(language: string) => void} onLanguage Called when the visitor chooses another language.
 */
export function showHeader(views, onLanguage) {
  const linked = LINKED.filter((view) => views.includes(view));
  const links = linked.map((view) => h("a", { href: `#/${view}`, "data-view": view }, t(`nav.${view}`)));
  const languages = openingSelect(t("language"), Object.entries(LANGUAGES), currentLanguage(), onLanguage, {
    verb: t("select.use"),
    id: "language",
  });
  for (const option of languages.list.options) option.lang = option.value; // read aloud in its own language
  const theme = { class: "quiet round", "aria-label": t("theme"), title: t("theme"), id: "theme" };
  const present = { class: "quiet round", "aria-label": t("presentation"), title: t("presentation"), id: "present" };
  fill(
    elementById("header"),
    h("a", { class: "brand", href: "#/" }, h("img", { src: "page/icon.svg", alt: "" }), "naivenet"),
    h("nav", { "aria-label": t("nav.label") }, links),
    h(
      "div",
      { class: "switches" },
      languages.element,
      button(icon(SCREEN), () => setPresentation(true), present),
      button(icon(HALF_MOON), switchTheme, theme),
    ),
  );
  elementById("skip").textContent = t("skip");
  showFooter();
}

/** @param {string} d */
const icon = (d) => svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d }));

/** Links to what describes the project, and the API, which the page uses as any other client does. */
const PAGES = {
  "footer.docs": "docs",
  "footer.openapi": "openapi.json",
  "footer.problems": "docs/problems",
  "footer.readme": "readme",
  "footer.notebooks": "notebooks",
};

function showFooter() {
  const links = Object.entries(PAGES).map(([key, href]) => h("a", { href }, t(key)));
  fill(elementById("footer"), h("nav", { "aria-label": t("footer.label") }, links));
}

/**
 * Marks the link of the view that is shown.
 * @param {string} view
 */
export function markCurrentView(view) {
  const links = [...document.querySelectorAll("#header nav a")];
  const current = links.find((link) => link.getAttribute("data-view") === view) ?? links.find(isMarkedFor(view));
  for (const link of links) link.removeAttribute("aria-current");
  current?.setAttribute("aria-current", "page");
  if (current) requestAnimationFrame(() => showInMiddle(current)); // at once it would cost a layout of its own
}

/**
 * Scrolls the links, which are wider than a phone, so that one stands in their middle.
 * @param {Element} link
 */
function showInMiddle(link) {
  const { left, width } = link.getBoundingClientRect();
  const links = /** @type {Element} */ (link.parentElement);
  links.scrollLeft += left + width / 2 - innerWidth / 2;
}

/** @param {string} view */
const isMarkedFor = (view) => (/** @type {Element} */ link) => link.getAttribute("data-view") === MARKED[view];
