/**
 * Tells a scanner from a person by timing and end key.
 *
 * A keyboard-wedge scanner types a code far faster than anyone and ends it with Enter (some with
 * Tab). Times are the events' own, taken when the key arrived and not when the window got round to
 * it, so a busy window does not turn a scan into typing.
 */
export interface ScanTiming {
  /** The longest usual pause between two keys of one scan, in milliseconds. */
  maxGapMs: number;
  /** The longest average of the usual pauses over the whole scan, in milliseconds. */
  maxAverageMs: number;
  /** The fewest characters of a code. */
  minLength: number;
  /** The longest stall: a radio that repeats, a machine that pages. */
  maxStallMs: number;
  /** How many stalls a code with a valid check digit may have and still be a scan. */
  maxStalls: number;
}

/** Wireless scanners pause for up to 50 ms; a fast typist seldom stays under 90 ms for four keys. */
export const DEFAULT_TIMING: ScanTiming = {
  maxGapMs: 60,
  maxAverageMs: 40,
  minLength: 4,
  maxStallMs: 400,
  maxStalls: 2,
};

/** What a key turned out to be. */
export type KeyVerdict =
  /** Part of a run that may become a scan; `first` when it starts one, or goes on after a stall. */
  | { kind: 'character'; first: boolean; stalled: boolean }
  /** The end key of a scan: swallow it. `stalled` when the run had a pause in it. */
  | { kind: 'scan'; code: string; stalled: boolean }
  /** Nothing to do with a scanner. */
  | { kind: 'other' };

const MODIFIERS = new Set(['Shift', 'CapsLock', 'AltGraph']);

/** Whether this is an EAN-8, UPC-A, EAN-13 or GTIN-14 whose check digit is right. */
function isGtin(code: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return false;
  // From the right, the check digit itself first: weights 1, 3, 1, 3 …
  const sum = [...code]
    .reverse()
    .reduce((sum, digit, at) => sum + Number(digit) * (at % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

/** One stream of keys. Pure: it is told the time. */
export class ScanDetector {
  #keys: { key: string; atMs: number }[] = [];

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
    this.#keys = [];
  }

  #character(key: string, atMs: number): KeyVerdict {
    const last = this.#keys.at(-1);
    const gapMs = last ? atMs - last.atMs : Infinity;
    // Two devices may count their time from different moments: going back is a break, too.
    const broken = gapMs < 0 || gapMs > this.timing.maxStallMs;
    if (broken) this.reset();
    const stalled = this.#keys.length > 0;
    this.#keys.push({ key, atMs });
    return { kind: 'character', first: broken || gapMs > this.timing.maxGapMs, stalled };
  }

  #end(atMs: number): KeyVerdict {
    const keys = [...this.#keys, { key: '', atMs }];
    this.reset();
    const { maxGapMs, minLength, maxStalls, maxStallMs } = this.timing;
    const gaps = keys.slice(1).map((key, index) => key.atMs - keys[index]!.atMs);
    if (gaps.some((gapMs) => gapMs > maxStallMs)) return { kind: 'other' };
    const stalls = gaps.flatMap((gapMs, index) => (gapMs > maxGapMs ? [index] : []));
    const all = keys.map(({ key }) => key).join('');
    const from = (stalls.at(-1) ?? -1) + 1;
    const code = all.slice(from);
    // Only a check digit tells a code that stalled from a digit typed shortly before a scan.
    const forgiven =
      stalls.length > 0 && stalls.length <= maxStalls && isGtin(all) && !isGtin(code);
    if (forgiven && this.#quick(gaps.filter((gapMs) => gapMs <= maxGapMs))) {
      return { kind: 'scan', code: all, stalled: true };
    }
    // Without that, the scan is what came since the last pause; what stood before it was typed.
    return code.length >= minLength && this.#quick(gaps.slice(from))
      ? { kind: 'scan', code, stalled: false }
      : { kind: 'other' };
  }

  #quick(gaps: number[]): boolean {
    const wholeMs = gaps.reduce((sum, gapMs) => sum + gapMs, 0);
    return gaps.length > 0 && wholeMs <= this.timing.maxAverageMs * gaps.length;
  }
}
