import {
  events,
  type CartView,
  type ImportProgress,
  type ReconcileProgress,
  type SyncStatus,
  type Unsynced,
} from '../generated/bindings';

/** What the shell tells the window without being asked. */
export interface TillEvents {
  'sync-status': SyncStatus;
  'cart-changed': CartView;
  'import-progress': ImportProgress;
  'reconcile-progress': ReconcileProgress;
  'close-held': Unsynced;
}

const sources = {
  'sync-status': events.syncStatus,
  'cart-changed': events.cartChanged,
  'import-progress': events.importProgress,
  'reconcile-progress': events.reconcileProgress,
  'close-held': events.closeHeld,
};

/** Calls back for every event of this name until the returned function is called. */
export function on<K extends keyof TillEvents>(
  name: K,
  callback: (payload: TillEvents[K]) => void,
): () => void {
  const listening = sources[name].listen((event) => callback(event.payload as TillEvents[K]));
  return () => void listening.then((stop) => stop());
}
