// @ts-check
// The losses of a job as they arrive. Typed arrays hold fifty thousand of them in 200 kB and are drawn without a copy.

/** Of an average of n losses the next step keeps n / (n + 10). */
const GROWTH = 10;

/** A list of losses that grows at its end, with its moving average. */
export class LossSeries {
  #values = new Float32Array(4096);
  #smooth = new Float32Array(4096);
  length = 0;
  #average = 0;
  #averaged = 0; // losses in the average

  /** @param {number} [weight] How much of the average each step keeps at most, from 0 to below 1. */
  constructor(weight = 0.98) {
    this.weight = weight;
  }

  get values() {
    return this.#values.subarray(0, this.length);
  }

  get smooth() {
    return this.#smooth.subarray(0, this.length);
  }

  /**
   * Appends losses; null, the API's form of a number that is not finite, becomes NaN.
   * @param {(number | null)[]} losses
   */
  push(losses) {
    this.#reserve(this.length + losses.length);
    for (const loss of losses) {
      this.#values[this.length] = loss ?? NaN;
      this.#smooth[this.length] = this.#averageWith(loss ?? NaN);
      this.length++;
    }
  }

  /**
   * Computes the moving average again with another weight.
   * @param {number} weight
   */
  smoothWith(weight) {
    this.weight = weight;
    this.#average = this.#averaged = 0;
    for (let i = 0; i < this.length; i++) this.#smooth[i] = this.#averageWith(this.#values[i]);
  }

  /**
   * The moving average after one more loss: over about the last tenth of the steps, so that it follows a falling loss,
   * until its share reaches the chosen weight. `smoothed` in naivenet/plots.py has the same rule; a test compares them.
   * @param {number} loss
   */
  #averageWith(loss) {
    if (!Number.isFinite(loss)) return NaN;
    const weight = Math.min(this.weight, this.#averaged / (this.#averaged + GROWTH));
    this.#average = weight * this.#average + (1 - weight) * loss;
    this.#averaged++;
    return this.#average;
  }

  /** @param {number} length */
  #reserve(length) {
    if (length <= this.#values.length) return;
    const capacity = Math.max(this.#values.length * 2, length);
    this.#values = enlarged(this.#values, capacity);
    this.#smooth = enlarged(this.#smooth, capacity);
  }
}

/**
 * @param {Float32Array<ArrayBuffer>} array
 * @param {number} capacity
 */
function enlarged(array, capacity) {
  const larger = new Float32Array(capacity);
  larger.set(array);
  return larger;
}
