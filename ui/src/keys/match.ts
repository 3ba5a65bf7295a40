import { actionsOf, table, type Action, type Place } from './table';

/** What a key event tells us; a plain object in tests. */
export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Whether this machine calls its main modifier Command. */
export const isMac =
  typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform || '');

/** Whether the stroke types a character: what a scanner could send. */
export function isCharacter(stroke: Stroke): boolean {
  return stroke.key.length === 1 && !stroke.ctrlKey && !stroke.metaKey;
}

/** Whether a stroke is this key of the table. Shift is part of the character, not of the key. */
export function matches(stroke: Stroke, combo: string, mac = isMac): boolean {
  const withMod = combo.startsWith('Mod+');
  const key = withMod ? combo.slice('Mod+'.length) : combo;
  const mod = mac ? stroke.metaKey : stroke.ctrlKey;
  const otherMod = mac ? stroke.ctrlKey : stroke.metaKey;
  if (mod !== withMod || otherMod) return false;
  // AltGr types characters on many keyboards; with a named key Alt is somebody else's.
  if (stroke.altKey && stroke.key.length > 1) return false;
  return stroke.key.length === 1
    ? stroke.key.toLowerCase() === key.toLowerCase()
    : stroke.key === key;
}

/** The action of a stroke in these places, the first place first. */
export function actionFor(stroke: Stroke, places: readonly Place[], mac = isMac): Action | null {
  for (const place of places) {
    for (const action of actionsOf(place)) {
      if (table[action].keys.some((combo) => matches(stroke, combo, mac))) return action;
    }
  }
  return null;
}
