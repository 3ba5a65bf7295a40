import { listen } from '@tauri-apps/api/event';
import type { CartView, ImportProgress, SyncStatus } from '../generated/bindings';

/** What the shell tells the window without being asked. */
export interface TillEvents {
  'sync-status': SyncStatus;
  'cart-changed': CartView;
  'import-progress': ImportProgress;
}

/** Calls back for every event of this name until the returned function is called. */
export function on<K extends keyof TillEvents>(
  name: K,
  callback: (payload: TillEvents[K]) => void,
): () => void {
  const listening = listen<TillEvents[K]>(name, (event) => callback(event.payload));
  return () => void listening.then((stop) => stop());
}
