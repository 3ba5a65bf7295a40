/**
 * The only door to the shell. Nothing outside this folder and the generated bindings imports
 * `@tauri-apps/*`, so everything else runs in a plain browser against a fake.
 */
export { commands } from './commands';
export { TillError } from './error';
export { on, type TillEvents } from './events';
export type * from '../generated/bindings';
