// @ts-check
// The network as a picture, at one checkpoint, while it reads one of the hardest test images.

import { send } from "../net/api.js";
import { readNetwork } from "../net/network.js";
import { Newest } from "../net/timing.js";
import { NetworkPicture } from "../plots/network_picture.js";
import { h, panel } from "../ui/dom.js";
import { t } from "../ui/words.js";

/** @import { HardImage, Layer, Options, Prediction } from "../net/types.d.ts" */

export class NetworkPanel {
  #checkpointId = "";
  /** @type {HardImage | null} */
  #image = null;
  #readings = new Newest();

  /**
   * @param {Layer[]} layers
   * @param {Options} options
   * @param {AbortSignal} signal
   */
  constructor(layers, options, signal) {
    this.signal = signal;
    this.picture = new NetworkPicture({ layers, options, isEditable: false, signal });
    this.hint = h("p", { class: "hint" });
    this.element = panel(t("look.network"), this.hint, this.picture.element);
  }

  /** @param {string} checkpointId */
  async show(checkpointId) {
    this.#checkpointId = checkpointId;
    const weights = await readNetwork(`checkpoints/${checkpointId}`, this.signal);
    if (checkpointId === this.#checkpointId) this.picture.showWeights(weights);
  }

  /**
   * Lets the network read the hardest image of a checkpoint, or the one that the visitor has chosen before.
   * @param {HardImage | undefined} hardest
   */
  async offer(hardest) {
    const image = this.#image ?? hardest;
    if (image) await this.#read(image);
  }

  /** @param {HardImage} image */
  async choose(image) {
    this.#image = image;
    await this.#read(image);
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {HardImage} image */
  async #read({ png, label, index }) {
    const isNewest = this.#readings.start();
    const path = `v1/predict?checkpoint=${this.#checkpointId}&prepare=never&explain=activations`;
    /** @type {Prediction | null} A key may lack the scope to predict. */
    const answer = await send("POST", path, { image: png }).catch(() => null);
    if (!isNewest() || this.signal.aborted) return;
    this.hint.textContent = answer ? t("look.network.reads", { label, index, digit: answer.digit }) : "";
    await this.picture.showActivations(answer?.activations ?? null, png);
  }
}
