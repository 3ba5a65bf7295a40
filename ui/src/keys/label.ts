import type { Locale } from '../platform';
import { isMac } from './match';
import { table, type Action } from './table';

const NAMES: Record<Locale, Record<string, string>> = {
  en: {
    Mod: 'Ctrl',
    Delete: 'Del',
    Backspace: 'Backspace',
    Escape: 'Esc',
    PageUp: 'PgUp',
    PageDown: 'PgDn',
  },
  de: {
    Mod: 'Strg',
    Delete: 'Entf',
    Backspace: 'Rück',
    Escape: 'Esc',
    PageUp: 'Bild ↑',
    PageDown: 'Bild ↓',
  },
};

const SIGNS: Record<string, string> = {
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
  '-': '−',
};

/** A key of the table as it stands on the keyboard: `Mod+Enter` is `Ctrl ↵`. */
export function keyLabel(combo: string, locale: Locale, mac = isMac): string {
  const parts = combo === '+' ? ['+'] : combo.split('+');
  return parts
    .map((part) => {
      if (mac && part === 'Mod') return '⌘';
      return NAMES[locale][part] ?? SIGNS[part] ?? part;
    })
    .join(' ');
}

/** The first key of an action as it stands on the keyboard. */
export function firstKey(action: Action, locale: Locale): string {
  return keyLabel(table[action].keys[0], locale);
}

/** The keys of an action for `aria-keyshortcuts`. */
export function ariaKeys(action: Action, mac = isMac): string {
  return table[action].keys
    .map((combo) => combo.replace('Mod+', mac ? 'Meta+' : 'Control+').replace(/^\+$/, 'Plus'))
    .join(' ');
}
