import { commands, type FailedItem, type FailedPage, type SyncStatus } from '../../platform';
import { notices } from '../../till/notices.svelte';
import { Rereading } from './rereading';

/** What needs a person: as many pages of it as were asked for, kept up to date while somebody looks. */
export class Failures {
  page = $state.raw<FailedPage | null>(null);
  #pages = 1;
  #seen: SyncStatus | null = null;
  /** It could not be read, and that was said. */
  #failed = false;
  #reading = new Rereading(() => this.#read());

  /**
   * Follows the sync. Its counts name what is listed for this register; what other registers hold, and their managers
   * decide, is in no count. But a status comes with every write to the database.
   */
  follow(status: SyncStatus | null): void {
    const before = this.#seen;
    this.#seen = status;
    const counted =
      before?.failedTotal !== status?.failedTotal || before?.warnings !== status?.warnings;
    if (before !== null && counted) void this.#reading.now();
    else this.#reading.soon();
  }

  /** Reads it again; ends when that is done. */
  again(): Promise<void> {
    return this.#reading.now();
  }

  /** One page more. */
  more(): Promise<void> {
    this.#pages += 1;
    this.#failed = false;
    return this.#reading.now();
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#reading.stop();
  }

  async #read(): Promise<void> {
    try {
      const first = await commands.failedPage(1);
      // An item may move from one page to the next while they are read.
      const items = new Map(first.items.map((item): [string, FailedItem] => [item.saleId, item]));
      let next = first.next;
      for (let read = 1; read < this.#pages && next !== null; read += 1) {
        const page = await commands.failedPage(next);
        for (const item of page.items) items.set(item.saleId, item);
        next = page.next;
      }
      const page = { ...first, items: [...items.values()], next };
      // What is the same is left alone, and whoever reads or types in it too.
      if (JSON.stringify(page) !== JSON.stringify(this.page)) this.page = page;
      this.#failed = false;
    } catch (thrown) {
      if (!this.#failed) notices.error(thrown);
      this.#failed = true;
    }
  }
}
