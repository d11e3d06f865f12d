// @ts-check
// Shows that the service does not respond: as a banner above a view that is shown, or in place of one that is not.

import { Problem } from "../net/api.js";
import { tryNow } from "../net/outage.js";
import { button, elementById, errorLine, fill, h } from "./dom.js";
import { requestError } from "./errors.js";
import { t } from "./words.js";

/** Shows a banner above the view while the service does not respond. */
export function showOutages() {
  const text = h("span");
  const again = button("", tryNow);
  const banner = h("div", { class: "outage", id: "outage", role: "alert", hidden: true }, text, again);
  elementById("main").before(banner);
  addEventListener("outage", () => {
    text.textContent = t("outage");
    again.textContent = t("outage.again");
    banner.hidden = false;
  });
  addEventListener("serviceback", () => {
    banner.hidden = true;
  });
}

/** Why a view could not load, with a button that tries again. */
export class LoadTrouble {
  constructor() {
    this.line = errorLine();
    this.again = button(t("outage.again"), tryNow, { class: "again" });
    this.elsewhere = h("p", {}, link("runs"), " · ", link("learn"));
    this.element = h("div", { class: "load-trouble" });
  }

  /**
   * Shows an error above what the view has shown, and keeps the focus on the button. What does not exist can only be
   * left.
   * @param {HTMLElement} root
   * @param {unknown} error
   */
  show(root, error) {
    this.line.textContent = requestError(error);
    const isGone = error instanceof Problem && error.status === 404;
    const way = isGone ? this.elsewhere : this.again;
    if (way.parentElement !== this.element) fill(this.element, this.line, way);
    if (this.element.parentElement !== root) root.prepend(this.element);
  }
}

/** @param {string} view */
const link = (view) => h("a", { href: `#/${view}` }, t(`nav.${view}`));
