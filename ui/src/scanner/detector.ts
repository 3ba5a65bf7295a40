/**
 * Tells a scanner from a person by timing and end key.
 *
 * A keyboard-wedge scanner types a code far faster than anyone and ends it with Enter (some with
 * Tab). Times are the events' own, taken when the key arrived and not when the window got round to
 * it, so a busy window does not turn a scan into typing.
 */
export interface ScanTiming {
  /** The longest pause between two keys of one scan, in milliseconds. */
  maxGapMs: number;
  /** The longest average pause over the whole scan, in milliseconds. */
  maxAverageMs: number;
  /** The fewest characters of a code. */
  minLength: number;
}

/** Wireless scanners pause for up to 50 ms; a fast typist seldom stays under 90 ms for four keys. */
export const DEFAULT_TIMING: ScanTiming = { maxGapMs: 60, maxAverageMs: 40, minLength: 4 };

/** What a key turned out to be. */
export type KeyVerdict =
  /** Part of a run that may become a scan; `first` when it starts one. */
  | { kind: 'character'; first: boolean }
  /** The end key of a scan: swallow it. */
  | { kind: 'scan'; code: string }
  /** Nothing to do with a scanner. */
  | { kind: 'other' };

const MODIFIERS = new Set(['Shift', 'CapsLock', 'AltGraph']);

/** One stream of keys. Pure: it is told the time. */
export class ScanDetector {
  #characters = '';
  #startedMs = 0;
  #lastMs = 0;

  constructor(readonly timing: ScanTiming = DEFAULT_TIMING) {}

  /** Takes the next key with the time at which it arrived. */
  key(key: string, atMs: number): KeyVerdict {
    if (MODIFIERS.has(key)) return { kind: 'other' };
    if (key.length === 1) return this.#character(key, atMs);
    if (key === 'Enter' || key === 'Tab') return this.#end(atMs);
    this.reset();
    return { kind: 'other' };
  }

  /** Forgets what has been typed so far. */
  reset(): void {
    this.#characters = '';
  }

  #character(key: string, atMs: number): KeyVerdict {
    const first = this.#characters === '' || atMs - this.#lastMs > this.timing.maxGapMs;
    if (first) {
      this.#characters = '';
      this.#startedMs = atMs;
    }
    this.#characters += key;
    this.#lastMs = atMs;
    return { kind: 'character', first };
  }

  #end(atMs: number): KeyVerdict {
    const code = this.#characters;
    const { maxGapMs, maxAverageMs, minLength } = this.timing;
    this.reset();
    const quick =
      code.length >= minLength &&
      atMs - this.#lastMs <= maxGapMs &&
      atMs - this.#startedMs <= maxAverageMs * code.length;
    return quick ? { kind: 'scan', code } : { kind: 'other' };
  }
}
