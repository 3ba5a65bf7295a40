import {
  commands,
  on,
  TillError,
  type ReconcileInput,
  type ReconcileProgress,
  type ReconcileReport,
} from '../platform';

/** The last proof of the books in this window. It goes on, and is remembered, while another page is open. */
class Books {
  report = $state.raw<ReconcileReport | null>(null);
  /** When that was had. */
  at = $state<string | null>(null);
  busy = $state(false);
  progress = $state.raw<ReconcileProgress | null>(null);
  problem = $state.raw<TillError | null>(null);

  /** Compares, and sends again what is missing where that is asked for. */
  async check(input: ReconcileInput): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    this.progress = null;
    const stop = on('reconcile-progress', (next) => (this.progress = next));
    try {
      this.report = await commands.reconcile(input);
      this.at = new Date().toISOString();
    } catch (thrown) {
      this.problem = TillError.from(thrown);
    } finally {
      stop();
      this.busy = false;
    }
  }

  /** The register is another one now, or its cloud is: nothing is known of these books. */
  forget(): void {
    this.report = null;
    this.at = null;
    this.problem = null;
  }
}

/** What is known of this register's books. */
export const books = new Books();
