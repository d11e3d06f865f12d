// The losses of a job as they come: fifty thousand of them are two hundred kilobytes, and are never copied to be drawn.

/** Numbers that grow at their end, and their exponential moving average. */
export class Series {
  #values = new Float32Array(4096);
  #smooth = new Float32Array(4096);
  length = 0;

  constructor(weight = 0.98) {
    this.weight = weight;
    this.average = 0;
    this.mass = 0;
  }

  get values() { return this.#values.subarray(0, this.length); }
  get smooth() { return this.#smooth.subarray(0, this.length); }

  /** Appends numbers; null stands for one that is not finite. */
  push(numbers) {
    if (this.length + numbers.length > this.#values.length) this.#grow(numbers.length);
    for (const number of numbers) {
      this.#values[this.length] = number ?? NaN;
      this.#smooth[this.length++] = this.#averaged(number);
    }
  }

  /** Smooths it all again by another weight. */
  reweigh(weight) {
    [this.weight, this.average, this.mass] = [weight, 0, 0];
    for (let i = 0; i < this.length; i++) this.#smooth[i] = this.#averaged(this.#values[i]);
  }

  #averaged(number) {
    if (!Number.isFinite(number)) return NaN;
    this.average = this.weight * this.average + (1 - this.weight) * number;
    this.mass = this.weight * this.mass + 1 - this.weight;
    return this.average / this.mass; // as Adam corrects its own: the first values are not drawn towards zero
  }

  #grow(more) {
    const room = Math.max(this.#values.length * 2, this.length + more);
    for (const [old, put] of [[this.#values, (array) => { this.#values = array; }], [this.#smooth, (array) => { this.#smooth = array; }]]) {
      const larger = new Float32Array(room);
      larger.set(old);
      put(larger);
    }
  }
}

/** The lowest and highest finite number. */
export function extent(values, low = Infinity, high = -Infinity) {
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
