import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InOrder, ScanDetector, listenForScans, type KeyVerdict } from '../../src/scanner';

/** Types keys with one pause between them; tells what the last one was. */
function type(detector: ScanDetector, keys: string[], gapMs: number, fromMs = 1000): KeyVerdict {
  let verdict: KeyVerdict = { kind: 'other' };
  keys.forEach((key, at) => (verdict = detector.key(key, fromMs + at * gapMs)));
  return verdict;
}

const EAN = [...'4006381333931'];

describe('the detector', () => {
  it('takes fast characters that end with Enter for a scan', () => {
    expect(type(new ScanDetector(), [...EAN, 'Enter'], 4)).toMatchObject({
      kind: 'scan',
      code: '4006381333931',
    });
  });

  it('takes Tab for an end key too', () => {
    expect(type(new ScanDetector(), [...EAN, 'Tab'], 4).kind).toBe('scan');
  });

  it('takes a wireless scanner with pauses of 35 ms for a scanner', () => {
    expect(type(new ScanDetector(), [...EAN, 'Enter'], 35).kind).toBe('scan');
  });

  it('takes a person, however quick, for a person', () => {
    expect(type(new ScanDetector(), [...'12345', 'Enter'], 90).kind).toBe('other');
    expect(type(new ScanDetector(), [...'12345', 'Enter'], 55).kind).toBe('other');
  });

  it('needs more than a few characters', () => {
    expect(type(new ScanDetector(), [...'123', 'Enter'], 3).kind).toBe('other');
  });

  it('forgets what was typed by hand before the scan', () => {
    const detector = new ScanDetector();
    type(detector, [...'ba'], 200, 0);
    expect(type(detector, [...EAN, 'Enter'], 4, 1000)).toMatchObject({
      kind: 'scan',
      code: '4006381333931',
    });
  });

  it('keeps capitals that a scanner types with Shift', () => {
    const keys = ['Shift', 'A', 'Shift', 'B', '1', '2', 'Enter'];
    expect(type(new ScanDetector(), keys, 5)).toMatchObject({ kind: 'scan', code: 'AB12' });
  });

  it('does not take an Enter long after the characters for the end of a scan', () => {
    const detector = new ScanDetector();
    type(detector, EAN, 4, 0);
    expect(detector.key('Enter', 500).kind).toBe('other');
  });

  it('joins a code whose radio stalled in the middle', () => {
    const detector = new ScanDetector();
    type(detector, [...'400'], 4, 1000);
    expect(type(detector, [...'6381333931', 'Enter'], 4, 1300)).toMatchObject({
      kind: 'scan',
      code: '4006381333931',
      stalled: true,
    });
  });

  it('takes a clock that goes back for a break', () => {
    const detector = new ScanDetector();
    type(detector, [...'3'], 4, 1000);
    expect(type(detector, [...EAN, 'Enter'], 4, 900)).toMatchObject({ code: '4006381333931' });
  });

  it('does not join a digit that was typed shortly before a scan', () => {
    const detector = new ScanDetector();
    type(detector, [...'3'], 4, 1000);
    expect(type(detector, [...EAN, 'Enter'], 4, 1200)).toMatchObject({ code: '4006381333931' });
  });

  it('does not join what somebody typed shortly before a scan of letters', () => {
    const detector = new ScanDetector();
    type(detector, [...'12'], 4, 1000);
    expect(type(detector, [...'ABC123', 'Enter'], 4, 1200)).toMatchObject({ code: 'ABC123' });
  });

  it('tells twenty scans in a row apart', () => {
    const detector = new ScanDetector();
    const codes: string[] = [];
    let at = 0;
    for (let n = 0; n < 20; n++) {
      for (const key of [...String(10_000_000 + n), 'Enter']) {
        const verdict = detector.key(key, (at += 3));
        if (verdict.kind === 'scan') codes.push(verdict.code);
      }
    }
    expect(codes).toEqual(Array.from({ length: 20 }, (_, n) => String(10_000_000 + n)));
  });
});

describe('listening on the window', () => {
  let stop: () => void;
  let scans: string[];

  beforeEach(() => {
    scans = [];
    stop = listenForScans(window, (code) => scans.push(code));
  });
  afterEach(() => {
    stop();
    document.body.replaceChildren();
  });

  /** Presses keys as a scanner does: each reaches the focused field unless it was swallowed. */
  function press(keys: string[], gapMs = 4): boolean[] {
    let at = performance.now();
    return keys.map((key) => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: (at += gapMs) });
      const on = document.activeElement ?? document.body;
      const through = on.dispatchEvent(event);
      if (through && key.length === 1 && on instanceof HTMLInputElement) on.value += key;
      return through;
    });
  }

  function field(value: string, scanField = false): HTMLInputElement {
    const input = document.createElement('input');
    if (scanField) input.setAttribute('data-scan-field', '');
    document.body.append(input);
    input.focus();
    input.value = value;
    return input;
  }

  it('hears a scan wherever the focus is, and swallows its end key', () => {
    const button = document.createElement('button');
    const clicked = vi.fn();
    button.addEventListener('keydown', clicked);
    document.body.append(button);
    button.focus();
    const through = press([...EAN, 'Enter']);
    expect(scans).toEqual(['4006381333931']);
    expect(through.at(-1)).toBe(false);
    expect(clicked).toHaveBeenCalledTimes(EAN.length);
  });

  it('gives another text field back what it held', () => {
    const note = field('a note');
    press([...EAN, 'Enter']);
    expect(note.value).toBe('a note');
    expect(scans).toHaveLength(1);
  });

  it('leaves the scan field empty', () => {
    const scan = field('ban', true);
    press([...EAN, 'Enter']);
    expect(scan.value).toBe('');
  });

  it('leaves typing alone', () => {
    const scan = field('', true);
    expect(press([...'milk', 'Enter'], 120).every(Boolean)).toBe(true);
    expect(scan.value).toBe('milk');
    expect(scans).toEqual([]);
  });
});

describe('the queue', () => {
  it('works a burst of twenty in order and loses none', async () => {
    const done: number[] = [];
    const queue = new InOrder<number>(async (n) => {
      // The first are the slowest: without order they would come last.
      await new Promise((resolve) => setTimeout(resolve, 20 - n));
      done.push(n);
    });
    for (let n = 0; n < 20; n++) queue.push(n);
    expect(queue.waiting).toBe(20);
    await queue.settled();
    expect(done).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('says how many wait', async () => {
    const waits: number[] = [];
    const queue = new InOrder<number>(
      () => Promise.resolve(),
      (waiting) => waits.push(waiting),
    );
    queue.push(1);
    queue.push(2);
    await queue.settled();
    expect(waits[0]).toBe(1);
    expect(waits.at(-1)).toBe(0);
  });
});
