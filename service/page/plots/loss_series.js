// @ts-check
// The losses of a job as they arrive. Typed arrays hold fifty thousand of them in 200 kB and are drawn without a copy.

/** A list of losses that grows at its end, with its exponential moving average. */
export class LossSeries {
  #values = new Float32Array(4096);
  #smooth = new Float32Array(4096);
  length = 0;

  /** @param {number} [weight] How much of the average each step keeps, from 0 to below 1. */
  constructor(weight = 0.98) {
    this.weight = weight;
    this.average = 0;
    this.totalWeight = 0;
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
    this.average = this.totalWeight = 0;
    for (let i = 0; i < this.length; i++) this.#smooth[i] = this.#averageWith(this.#values[i]);
  }

  /**
   * The moving average after one more loss, with Adam's bias correction; without it the first values would be too low.
   * @param {number} loss
   */
  #averageWith(loss) {
    if (!Number.isFinite(loss)) return NaN;
    this.average = this.weight * this.average + (1 - this.weight) * loss;
    this.totalWeight = this.weight * this.totalWeight + 1 - this.weight;
    return this.average / this.totalWeight;
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
