import { locale, t } from '../i18n/index.svelte';
import { parseDecimal } from '../money';
import { commands, type Product } from '../platform';
import { cart } from './cart.svelte';
import { notices } from './notices.svelte';

const MOST = 24;
/** Digits only and at least this long is a code that was typed by hand. */
const CODE = /^\d{6,14}$/;
const MULTIPLIER = /^([\d.,]+)\s*[*x×]$/i;

/** What stands in the scan field, and what it finds while it is typed. */
class Search {
  text = $state('');
  results = $state.raw<Product[]>([]);
  /** The text that `results` belongs to. */
  found = $state('');
  chosen = $state(0);
  #asked = 0;

  readonly query: string = $derived(this.text.trim());
  readonly open: boolean = $derived(this.query.length > 0);
  /** Whether the results are those of what stands in the field. */
  readonly settled: boolean = $derived(this.found === this.query);

  /** After every change of the field. */
  async typed(): Promise<void> {
    const times = MULTIPLIER.exec(this.query);
    const quantity = times?.[1] ? parseDecimal(times[1], 3, locale()) : null;
    if (quantity !== null && quantity !== '0') {
      cart.multiplier = quantity;
      this.clear();
      return;
    }
    if (this.query !== '') await this.#look(this.query);
  }

  /** Moves the choice. */
  move(by: 1 | -1): void {
    const last = this.results.length - 1;
    this.chosen = Math.min(Math.max(this.chosen + by, 0), Math.max(last, 0));
  }

  /** Enter: the code that was typed, or the chosen result. The field is free again at once. */
  async submit(): Promise<void> {
    const query = this.query;
    const chosen = this.chosen;
    const ready = this.settled ? this.results : null;
    this.clear();
    if (query === '') return;
    if (CODE.test(query)) {
      cart.scan(query);
      return;
    }
    const results = ready ?? (await this.#find(query));
    const product = results[chosen] ?? results[0];
    if (product) cart.add(product);
    else cart.scan(query);
  }

  /** A result that was pressed. */
  take(product: Product): void {
    this.clear();
    cart.add(product);
  }

  /** Empties the field; tells whether something stood there. */
  clear(): boolean {
    const any = this.text !== '';
    this.text = '';
    this.results = [];
    this.found = '';
    this.chosen = 0;
    this.#asked++;
    return any;
  }

  async #look(query: string): Promise<void> {
    const asked = ++this.#asked;
    const results = await this.#find(query);
    if (asked !== this.#asked) return;
    this.results = results;
    this.found = query;
    this.chosen = 0;
    notices.announce(
      results.length === 0
        ? t('search.none', { text: query })
        : t('search.count', { n: results.length }),
    );
  }

  async #find(query: string): Promise<Product[]> {
    try {
      return await commands.searchProducts(query, MOST);
    } catch (thrown) {
      notices.error(thrown);
      return [];
    }
  }
}

/** The one scan field. */
export const search = new Search();
