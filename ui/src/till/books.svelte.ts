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
  /** Counts how often it was forgotten: an answer to what was asked before is about other books. */
  #forgotten = 0;

  /** Compares, and sends again what is missing where that is asked for. */
  async check(input: ReconcileInput): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    this.progress = null;
    const asked = this.#forgotten;
    const stop = on('reconcile-progress', (next) => (this.progress = next));
    try {
      const report = await commands.reconcile(input);
      if (asked !== this.#forgotten) return;
      this.report = report;
      this.at = new Date().toISOString();
    } catch (thrown) {
      if (asked !== this.#forgotten) return;
      const problem = TillError.from(thrown);
      // Another program has changed who this is, or where: the report before is not about it either.
      if (problem.code === 'register_changed') this.forget();
      this.problem = problem;
    } finally {
      stop();
      this.busy = false;
    }
  }

  /** The register is another one now, or its cloud is: nothing is known of these books, nor will be by a check under way. */
  forget(): void {
    this.#forgotten += 1;
    this.report = null;
    this.at = null;
    this.problem = null;
  }
}

/** What is known of this register's books. */
export const books = new Books();
