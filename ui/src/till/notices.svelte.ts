import { errorText } from '../i18n/index.svelte';
import { TillError } from '../platform';
import { play } from '../sound';

/** One line about what happened. */
export interface Notice {
  id: number;
  kind: 'good' | 'wait' | 'bad';
  text: string;
}

/** More than this on top of one another is noise; the oldest go first. */
const MOST = 3;
const GOOD_MS = 6000;

/** What the window has to say: lines for the eye, sentences for the ear. */
class Notices {
  items = $state.raw<Notice[]>([]);
  /** Read out when the reader has time: what was scanned, the total. */
  polite = $state('');
  /** Read out at once: errors. */
  urgent = $state('');
  #next = 1;

  /** Says something for the eye. Good news goes by itself, bad news stays until it is put away. */
  say(kind: Notice['kind'], text: string): void {
    const id = this.#next++;
    const others = this.items.filter((item) => item.text !== text);
    this.items = [...others.slice(1 - MOST), { id, kind, text }];
    if (kind === 'good') setTimeout(() => this.close(id), GOOD_MS);
    if (kind === 'bad') this.#shout(text);
    else this.announce(text);
  }

  /** Says what went wrong, with its sound. */
  error(thrown: unknown): void {
    const error = TillError.from(thrown);
    play('error');
    const named = scannedCode(error);
    this.say('bad', named ? `${named}: ${errorText(error)}` : errorText(error));
  }

  /** Puts a line away. */
  close(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Puts all lines away; tells whether there were any. */
  clear(): boolean {
    const any = this.items.length > 0;
    this.items = [];
    return any;
  }

  /** Says something for the ear only. */
  announce(text: string): void {
    this.polite = this.polite === text ? `${text}\u00a0` : text;
  }

  #shout(text: string): void {
    this.urgent = this.urgent === text ? `${text}\u00a0` : text;
  }
}

/** The code that was scanned, where an error is about one. */
function scannedCode(error: TillError): string | null {
  const details = error.details;
  if (typeof details !== 'object' || details === null || !('code' in details)) return null;
  return typeof details.code === 'string' ? details.code : null;
}

/** The one place for words that come and go. */
export const notices = new Notices();
