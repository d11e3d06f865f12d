// @ts-check
// The header of the page: links to the views, the language, and the theme.

import { button, elementById, fill, h, select } from "./dom.js";
import { switchTheme } from "./theme.js";
import { currentLanguage, LANGUAGES, t } from "./words.js";

/**
 * Shows the header in the current language.
 * @param {string[]} views
 * @param {(language: string) => void} onLanguage Called when the visitor chooses another language.
 */
export function showHeader(views, onLanguage) {
  const links = views.map((view) => h("a", { href: `#/${view}`, "data-view": view }, t(`nav.${view}`)));
  const languages = select(Object.entries(LANGUAGES), currentLanguage(), onLanguage, {
    "aria-label": t("language"),
    id: "language",
  });
  const theme = { class: "quiet round", "aria-label": t("theme"), title: t("theme"), id: "theme" };
  fill(
    elementById("header"),
    h("a", { class: "brand", href: "#/train" }, h("img", { src: "page/icon.svg", alt: "" }), "naivenet"),
    h("nav", { "aria-label": t("nav.label") }, links),
    h("div", { class: "switches" }, languages, button("◐", switchTheme, theme)),
  );
  elementById("skip").textContent = t("skip");
}

/**
 * Marks the link of the view that is shown.
 * @param {string} view
 */
export function markCurrentView(view) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("data-view") === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
