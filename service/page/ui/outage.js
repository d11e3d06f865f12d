// @ts-check
// Shows that the service does not respond: as a banner above a view that is shown, or in place of one that is not.

import { tryNow } from "../net/outage.js";
import { button, elementById, errorLine, h } from "./dom.js";
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
    this.element = h("div", { class: "load-trouble" }, this.line, this.again);
  }

  /**
   * Shows an error above what the view has shown, and keeps the focus on the button.
   * @param {HTMLElement} root
   * @param {unknown} error
   */
  show(root, error) {
    this.line.textContent = requestError(error);
    if (this.element.parentElement !== root) root.prepend(this.element);
  }
}
