/** What is read again at most this often, as long as nobody has asked for it. */
const EVERY_MS = 3_000;

/**
 * Reads something again: never while it is being read, and seldom where it only may have changed. Whatever is asked for
 * is answered by a read that begins afterwards.
 */
export class Rereading {
  #read: () => Promise<void>;
  #due: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #maybe = false;
  #readAt: number | null = null;
  #stopped = false;

  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** It has changed, or somebody asks. Ends when it has been read. */
  now(): Promise<void> {
    this.#putOff();
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running.then(() => this.#begin());
    return this.#next;
  }

  /** It may have changed. */
  soon(): void {
    if (this.#stopped || this.#due !== undefined || this.#next !== null) return;
    if (this.#running !== null) {
      this.#maybe = true;
      return;
    }
    const waited = this.#readAt === null ? EVERY_MS : performance.now() - this.#readAt;
    if (waited >= EVERY_MS) void this.now();
    else this.#due = setTimeout(() => void this.now(), EVERY_MS - waited);
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#stopped = true;
    this.#putOff();
  }

  #putOff(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
  }

  #begin(): Promise<void> {
    this.#next = null;
    this.#maybe = false;
    this.#running = this.#read().finally(() => {
      this.#running = null;
      this.#readAt = performance.now();
      if (this.#maybe) this.soon();
    });
    return this.#running;
  }
}
