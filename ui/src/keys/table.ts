import type { MessageKey } from '../i18n/index.svelte';

/** Where a key means something. The innermost place that is open decides. */
export type Place = 'everywhere' | 'till' | 'line' | 'payment';

/** One row of the table: an action, its keys, and the words that explain it. */
interface Row {
  readonly place: Place;
  readonly keys: readonly string[];
  readonly help: MessageKey;
}

/**
 * Every key of the till. The help, the labels on buttons and `aria-keyshortcuts` are drawn from it.
 *
 * `Mod` is Ctrl, on a Mac Command. No money is ever taken by a key that a scanner can send: letters,
 * digits, signs, Enter and Tab alone do nothing in the payment dialog but type and move. No action
 * has only F5, F11 or F12, which some systems keep for themselves.
 */
export const table = {
  help: { place: 'everywhere', keys: ['F1', '?'], help: 'key.help' },
  close: { place: 'everywhere', keys: ['Escape'], help: 'key.close' },
  sales: { place: 'everywhere', keys: ['F9', 'Mod+H'], help: 'key.sales' },
  sync: { place: 'everywhere', keys: ['Mod+S'], help: 'key.sync' },
  settings: { place: 'everywhere', keys: ['Mod+,'], help: 'key.settings' },

  pay: { place: 'till', keys: ['Mod+Enter'], help: 'key.pay' },
  quantity: { place: 'till', keys: ['*', 'F2'], help: 'key.quantity' },
  searchField: { place: 'till', keys: ['F3', 'Mod+F'], help: 'key.searchField' },
  up: { place: 'till', keys: ['ArrowUp'], help: 'key.up' },
  down: { place: 'till', keys: ['ArrowDown'], help: 'key.down' },
  add: { place: 'till', keys: ['Enter'], help: 'key.add' },
  previousCategory: { place: 'till', keys: ['PageUp'], help: 'key.previousCategory' },
  nextCategory: { place: 'till', keys: ['PageDown'], help: 'key.nextCategory' },
  cartDiscount: { place: 'till', keys: ['F8', 'Mod+D'], help: 'key.cartDiscount' },
  clear: { place: 'till', keys: ['Mod+Delete', 'Mod+Backspace'], help: 'key.clear' },

  more: { place: 'line', keys: ['+'], help: 'key.more' },
  less: { place: 'line', keys: ['-'], help: 'key.less' },
  remove: { place: 'line', keys: ['Delete'], help: 'key.remove' },
  discount: { place: 'line', keys: ['F4', 'Mod+L'], help: 'key.discount' },
  price: { place: 'line', keys: ['F6', 'Mod+P'], help: 'key.price' },
  note: { place: 'line', keys: ['F7', 'Mod+N'], help: 'key.note' },

  cash1: { place: 'payment', keys: ['F2', 'Mod+1'], help: 'key.cash1' },
  cash2: { place: 'payment', keys: ['F3', 'Mod+2'], help: 'key.cash2' },
  cash3: { place: 'payment', keys: ['F4', 'Mod+3'], help: 'key.cash3' },
  cash4: { place: 'payment', keys: ['F5', 'Mod+4'], help: 'key.cash4' },
  cashTyped: { place: 'payment', keys: ['F6', 'Mod+5'], help: 'key.cashTyped' },
  card: { place: 'payment', keys: ['F7', 'Mod+6'], help: 'key.card' },
  voucher: { place: 'payment', keys: ['F8', 'Mod+7'], help: 'key.voucher' },
  other: { place: 'payment', keys: ['F9', 'Mod+8'], help: 'key.other' },
  complete: { place: 'payment', keys: ['Mod+Enter'], help: 'key.complete' },
} as const satisfies Record<string, Row>;

/** What a key can do. */
export type Action = keyof typeof table;

/** Every action, in the order of the table. */
export const actions = Object.keys(table) as Action[];

/** The rows of one place, in the order of the table. */
export function actionsOf(place: Place): Action[] {
  return actions.filter((action) => table[action].place === place);
}
