/** Keys: one table, one router, labels drawn from the table. */
export { ariaKeys, firstKey, keyLabel } from './label';
export { actionFor, isCharacter, matches, type Stroke } from './match';
export { KeyRouter, keys, type Handler } from './router';
export { actions, actionsOf, table, type Action, type Place } from './table';
