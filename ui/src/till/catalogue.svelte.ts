import { commands, type Category, type Product } from '../platform';
import { notices } from './notices.svelte';

/** So many tiles are read at a time; a screen at 4K shows fewer. */
const PAGE = 120;

/** The products as tiles, category by category. */
class Catalogue {
  categories = $state.raw<Category[]>([]);
  current = $state(0);
  products = $state.raw<Product[]>([]);
  ready = $state(false);
  more = $state(false);
  #asked = 0;

  readonly category: Category | null = $derived(this.categories[this.current] ?? null);

  /** Reads the categories and the first one's products. */
  async start(): Promise<void> {
    try {
      this.categories = await commands.categories();
      await this.choose(0);
    } catch (thrown) {
      notices.error(thrown);
    }
    this.ready = true;
  }

  /** Shows a category. */
  async choose(index: number): Promise<void> {
    this.current = index;
    this.more = false;
    await this.#read(0);
  }

  /** The category before or after, round the end. */
  async step(by: 1 | -1): Promise<void> {
    const count = this.categories.length;
    if (count > 0) await this.choose((this.current + by + count) % count);
  }

  /** The next tiles of a large category. */
  async showMore(): Promise<void> {
    if (this.more) await this.#read(this.products.length);
  }

  async #read(offset: number): Promise<void> {
    const category = this.category;
    if (!category) {
      this.products = [];
      return;
    }
    const asked = ++this.#asked;
    try {
      const page = await commands.categoryProducts(category.name, offset, PAGE);
      if (asked !== this.#asked) return;
      this.products = offset === 0 ? page : [...this.products, ...page];
      this.more = page.length === PAGE && this.products.length < category.products;
    } catch (thrown) {
      notices.error(thrown);
    }
  }
}

/** The one catalogue. */
export const catalogue = new Catalogue();
