/**
 * One thing after the other, in the order in which it came. A burst of scans waits here while the
 * register works, and while a question (a weight, a price) is open; none is lost or overtakes.
 */
export class InOrder<T> {
  readonly #work: (item: T) => Promise<void>;
  readonly #changed: (waiting: number) => void;
  #items: T[] = [];
  #busy = false;

  /** `work` must not throw; `changed` hears how many wait. */
  constructor(work: (item: T) => Promise<void>, changed: (waiting: number) => void = () => {}) {
    this.#work = work;
    this.#changed = changed;
  }

  /** How many wait or are being worked on. */
  get waiting(): number {
    return this.#items.length + (this.#busy ? 1 : 0);
  }

  /** Puts an item at the end. */
  push(item: T): void {
    this.#items.push(item);
    this.#changed(this.waiting);
    if (!this.#busy) void this.#drain();
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      await this.#work(item);
      this.#changed(this.#items.length);
    }
    this.#busy = false;
    this.#changed(0);
  }
}
