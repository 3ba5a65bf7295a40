import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  KeyRouter,
  actionFor,
  actions,
  actionsOf,
  isCharacter,
  keyLabel,
  matches,
  table,
  type Place,
} from '../../src/keys';

const PLACES: Place[] = ['everywhere', 'till', 'line', 'payment'];
const stroke = (key: string, mod = false) => ({
  key,
  ctrlKey: mod,
  metaKey: false,
  altKey: false,
});

describe('the table', () => {
  it('gives no key two meanings where both could be meant', () => {
    for (const places of [['line', 'till', 'everywhere'], ['payment']] as Place[][]) {
      const combos = places.flatMap(actionsOf).flatMap((action) => table[action].keys);
      expect(combos.filter((combo, at) => combos.indexOf(combo) !== at)).toEqual([]);
    }
  });

  it('has no action on F5, F11 or F12 alone', () => {
    for (const action of actions) {
      expect(table[action].keys.some((combo) => !['F5', 'F11', 'F12'].includes(combo))).toBe(true);
    }
  });

  it('takes no money by a key that a scanner can send', () => {
    for (const action of actionsOf('payment')) {
      for (const combo of table[action].keys as readonly string[]) {
        expect(combo.length === 1 || combo === 'Enter' || combo === 'Tab').toBe(false);
      }
    }
  });

  it('explains every place', () => {
    expect(PLACES.flatMap(actionsOf).sort()).toEqual([...actions].sort());
  });
});

describe('matching', () => {
  it('tells Ctrl from Command by the machine', () => {
    expect(matches(stroke('Enter', true), 'Mod+Enter', false)).toBe(true);
    expect(matches(stroke('Enter', true), 'Mod+Enter', true)).toBe(false);
    expect(matches(stroke('Enter'), 'Mod+Enter', false)).toBe(false);
  });

  it('finds the innermost meaning first', () => {
    expect(actionFor(stroke('F2'), ['till', 'everywhere'], false)).toBe('quantity');
    expect(actionFor(stroke('F2'), ['payment', 'everywhere'], false)).toBe('cash1');
    expect(actionFor(stroke('F9'), ['payment', 'everywhere'], false)).toBe('other');
  });

  it('knows what a scanner could send', () => {
    expect(isCharacter(stroke('7'))).toBe(true);
    expect(isCharacter(stroke('7', true))).toBe(false);
    expect(isCharacter(stroke('F7'))).toBe(false);
  });
});

describe('labels', () => {
  it('read as the keyboard does', () => {
    expect(keyLabel('Mod+Enter', 'en', false)).toBe('Ctrl ↵');
    expect(keyLabel('Mod+Enter', 'de', false)).toBe('Strg ↵');
    expect(keyLabel('Mod+Enter', 'en', true)).toBe('⌘ ↵');
    expect(keyLabel('Delete', 'de', false)).toBe('Entf');
    expect(keyLabel('+', 'en', false)).toBe('+');
    expect(keyLabel('*', 'en', false)).toBe('*');
  });
});

describe('the router', () => {
  let router: KeyRouter;
  let stop: () => void;
  let field: HTMLInputElement;

  beforeEach(() => {
    vi.useFakeTimers();
    router = new KeyRouter();
    stop = router.listen(window);
    field = document.createElement('input');
    field.setAttribute('data-scan-field', '');
    document.body.append(field);
    field.focus();
  });
  afterEach(() => {
    stop();
    field.remove();
    vi.useRealTimers();
  });

  function press(key: string, ctrlKey = false): boolean {
    const event = new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true });
    return (document.activeElement ?? document.body).dispatchEvent(event);
  }

  it('shows the help from the empty scan field', () => {
    const help = vi.fn();
    router.layer(['till', 'everywhere'], { help });
    expect(press('?')).toBe(false);
    vi.advanceTimersByTime(100);
    expect(help).toHaveBeenCalledOnce();
  });

  it('types the sign when something stands in the field', () => {
    const more = vi.fn();
    router.layer(['line', 'till'], { more });
    field.value = 'a';
    expect(press('+')).toBe(true);
    vi.advanceTimersByTime(100);
    expect(more).not.toHaveBeenCalled();
  });

  it('takes a sign at the head of a scan for part of the code', () => {
    const more = vi.fn();
    router.layer(['line', 'till'], { more });
    press('+');
    vi.advanceTimersByTime(5);
    press('4');
    vi.advanceTimersByTime(100);
    expect(more).not.toHaveBeenCalled();
    expect(field.value).toBe('+');
  });

  it('sends keys to the top layer only', () => {
    const below = vi.fn();
    const above = vi.fn();
    router.layer(['till'], { pay: below });
    const lift = router.layer(['payment'], { complete: above });
    press('Enter', true);
    lift();
    press('Enter', true);
    expect(above).toHaveBeenCalledOnce();
    expect(below).toHaveBeenCalledOnce();
  });

  it('leaves Delete to a text field with text', () => {
    const remove = vi.fn();
    router.layer(['line', 'till'], { remove });
    field.value = 'abc';
    expect(press('Delete')).toBe(true);
    field.value = '';
    expect(press('Delete')).toBe(false);
    expect(remove).toHaveBeenCalledOnce();
  });

  it('leaves Enter to a button', () => {
    const add = vi.fn();
    router.layer(['till'], { add });
    const button = document.createElement('button');
    document.body.append(button);
    button.focus();
    expect(press('Enter')).toBe(true);
    expect(add).not.toHaveBeenCalled();
    button.remove();
  });
});
