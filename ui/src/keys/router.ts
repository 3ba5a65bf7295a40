import { SCAN_FIELD } from '../scanner';
import { actionFor, isCharacter } from './match';
import type { Action, Place } from './table';

/** What an action does. `false`: not now, let the key do what it does anyway. */
export type Handler = () => boolean | void;

interface Layer {
  places: readonly Place[];
  handlers: Partial<Record<Action, Handler>>;
}

const REPEATS = new Set<Action>(['up', 'down', 'more', 'less']);

/** Longer than the longest pause inside a scan: a sign that stands alone is a key, not a scan. */
const ALONE_MS = 70;

/**
 * Sends keys to what is open. Layers lie on one another; the top one hears its places, and only
 * layers that say so hear what belongs to everywhere.
 */
export class KeyRouter {
  #layers: Layer[] = [];
  #alone: { key: string; timer: ReturnType<typeof setTimeout>; run: () => void } | null = null;

  /** Lays handlers on top for as long as the returned function is not called. */
  layer(places: readonly Place[], handlers: Partial<Record<Action, Handler>>): () => void {
    const layer = { places, handlers };
    this.#layers.push(layer);
    return () => {
      this.#layers = this.#layers.filter((other) => other !== layer);
    };
  }

  /** Listens on a window until the returned function is called. */
  listen(target: Window): () => void {
    const keydown = (event: KeyboardEvent): void => this.#keydown(event);
    target.addEventListener('keydown', keydown);
    return () => target.removeEventListener('keydown', keydown);
  }

  #keydown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const field = textField(event.target);
    if (this.#alone) this.#settleAlone(event, field);
    if (event.defaultPrevented) return;
    if (isTheBrowsers(event)) event.preventDefault();
    const layer = this.#layers.at(-1);
    if (!layer) return;
    const action = actionFor(event, layer.places);
    const handler = action ? layer.handlers[action] : undefined;
    if (!action || !handler || !mayAct(event, action, field)) return;
    // A key that is held down moves and counts on; anything else it does once.
    if (event.repeat && !REPEATS.has(action)) {
      event.preventDefault();
      return;
    }
    if (isCharacter(event)) {
      event.preventDefault();
      const run = (): void => void handler();
      const timer = setTimeout(() => {
        this.#alone = null;
        run();
      }, ALONE_MS);
      this.#alone = { key: event.key, timer, run };
      return;
    }
    if (handler() !== false) event.preventDefault();
  }

  /** A sign was held back. More characters at once make it part of a scan, anything else a key. */
  #settleAlone(event: KeyboardEvent, field: Field | null): void {
    const held = this.#alone;
    if (!held || event.key === 'Shift') return;
    clearTimeout(held.timer);
    this.#alone = null;
    if (!isCharacter(event)) {
      held.run();
    } else if (field) {
      field.value += held.key;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }
}

/** Reload, find, print, save: what a browser does with our keys where they mean nothing now. */
function isTheBrowsers(event: KeyboardEvent): boolean {
  if (/^F[1-9]$/.test(event.key)) return true;
  return (event.ctrlKey || event.metaKey) && /^[dfghjlnprs]$/i.test(event.key);
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function textField(target: EventTarget | null): Field | null {
  if (target instanceof HTMLTextAreaElement) return target;
  if (!(target instanceof HTMLInputElement)) return null;
  return ['radio', 'checkbox', 'button', 'file'].includes(target.type) ? null : target;
}

/** Keys that a text field needs itself, and that must find it empty or not find it at all. */
const EDITING = new Set(['ArrowUp', 'ArrowDown', 'Delete', 'Backspace', 'PageUp', 'PageDown']);

function mayAct(event: KeyboardEvent, action: Action, field: Field | null): boolean {
  // A button, a radio, a list acts on Enter by itself.
  if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !field) return false;
  if (!field) return true;
  const isScanField = field.hasAttribute(SCAN_FIELD);
  const moves = action === 'up' || action === 'down' || action === 'add';
  if (isScanField && moves) return true;
  if (isScanField && field.value === '') return true;
  if (isCharacter(event)) return false;
  return !EDITING.has(event.key);
}

/** The one router of the window. */
export const keys = new KeyRouter();
