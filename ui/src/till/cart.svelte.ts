import { locale, t } from '../i18n/index.svelte';
import { formatDecimal } from '../money';
import {
  commands,
  on,
  TillError,
  type CartLineView,
  type CartView,
  type Product,
} from '../platform';
import { InOrder } from '../scanner';
import { play } from '../sound';
import { app } from './app.svelte';
import { asking } from './ask.svelte';
import { notices } from './notices.svelte';

/**
 * The open cart as Rust last showed it, and everything that changes it. Changes run one after the
 * other in the order in which they were asked for, so a burst of scans loses none.
 */
class CartUse {
  view = $state.raw<CartView | null>(null);
  /** The chosen line; none: keys act on the last one. */
  chosen = $state<number | null>(null);
  /** For the next item only: `3` of it. */
  multiplier = $state<string | null>(null);
  waiting = $state(0);

  /** Ids of the carts before this one; none of them comes back. */
  readonly #left = new Set<string>();
  readonly #work = new InOrder<() => Promise<void>>(
    (job) => job(),
    (waiting) => (this.waiting = waiting),
  );

  readonly lines: readonly CartLineView[] = $derived(this.view?.lines ?? []);

  /** The line that keys and buttons act on. */
  readonly target: CartLineView | null = $derived(
    this.lines.find((line) => line.line === this.chosen) ??
      this.lines.find((line) => line.line === this.view?.lastLine) ??
      this.lines.at(-1) ??
      null,
  );

  /** Reads the cart, then listens for changes by other programs. */
  async start(): Promise<() => void> {
    this.#left.clear();
    this.take(await commands.cart());
    return on('cart-changed', (cart) => this.take(cart));
  }

  /**
   * A cart that Rust showed. An older revision of the same cart is thrown away, and so is a cart that
   * was left behind: a snapshot may be overtaken by the payment that ended its cart.
   */
  take(cart: CartView): void {
    const known = this.view;
    if (this.#left.has(cart.cartId)) return;
    if (known?.cartId === cart.cartId && cart.revision < known.revision) return;
    if (known && known.cartId !== cart.cartId) this.#left.add(known.cartId);
    this.view = cart;
    if (!cart.lines.some((line) => line.line === this.chosen)) this.chosen = null;
  }

  /** A code from a scanner, or typed as one. */
  scan(code: string): void {
    const quantity = this.#takeMultiplier();
    this.#work.push(() => this.#scan(code, quantity));
  }

  /** A product from a tile or a search result. A weight is asked for first. */
  add(product: Product): void {
    const quantity = this.#takeMultiplier();
    this.#work.push(() => this.#add(product, quantity));
  }

  /** One more or one less of the target line. */
  step(by: 1 | -1): void {
    const line = this.target;
    if (!line || line.unit === 'kg') return;
    this.#work.push(async () => {
      const fresh = this.lines.find((other) => other.line === line.line);
      if (!fresh) return;
      // Pieces are whole: this counts, it does not calculate money.
      const next = Number.parseInt(fresh.quantity, 10) + by;
      if (next < 1) {
        notices.say('wait', t('line.lessAtOne'));
        return;
      }
      await this.#change(() => commands.setLineQuantity(line.line, String(next)));
    });
  }

  /** Takes the target line out. */
  remove(): void {
    const line = this.target;
    if (!line) return;
    this.#work.push(async () => {
      await this.#change(() => commands.removeLine(line.line));
      notices.announce(t('cart.removed', { name: line.name }));
    });
  }

  /** Asks for the quantity of the chosen line, or of the next item. */
  async askQuantity(): Promise<void> {
    const line = this.target;
    if (!line) {
      const answer = await asking.ask({
        kind: 'quantity',
        title: t('ask.quantityNext'),
        initial: this.multiplier ?? '',
      });
      if (answer !== null) this.multiplier = answer;
      return;
    }
    const weighed = line.unit === 'kg';
    const name = line.name;
    const answer = await asking.ask({
      kind: weighed ? 'weight' : 'quantity',
      title: weighed ? t('ask.weightFor', { name }) : t('ask.quantityFor', { name }),
      initial: line.quantity,
    });
    if (answer !== null) this.#later(() => commands.setLineQuantity(line.line, answer));
  }

  /** Asks for a discount on the target line. */
  async askDiscount(): Promise<void> {
    const line = this.target;
    if (!line) return;
    const answer = await asking.ask({
      kind: 'discount',
      title: t('ask.discountFor', { name: line.name }),
      initial: line.discount,
      askReason: false,
    });
    if (answer) this.#later(() => commands.setLineDiscount(line.line, answer.discount));
  }

  /** Asks for another price of the target line. */
  async askPrice(): Promise<void> {
    const line = this.target;
    if (!line) return;
    const price = await asking.ask({
      kind: 'price',
      title: t('ask.priceFor', { name: line.name }),
      label: line.unit === 'kg' ? t('ask.pricePerKg') : t('ask.price'),
      initial: line.unitPrice,
    });
    if (price !== null) this.#later(() => commands.setLinePrice(line.line, price));
  }

  /** Asks for a note on the target line. */
  async askNote(): Promise<void> {
    const line = this.target;
    if (!line) return;
    const answer = await asking.ask({
      kind: 'note',
      title: t('ask.noteFor', { name: line.name }),
      initial: line.note ?? '',
    });
    if (answer !== null) this.#later(() => commands.setLineNote(line.line, answer || null));
  }

  /** Asks for a discount on everything. */
  async askCartDiscount(): Promise<void> {
    if (this.lines.length === 0) return;
    const answer = await asking.ask({
      kind: 'discount',
      title: t('ask.discountCart'),
      initial: this.view?.discount ?? null,
      askReason: true,
    });
    if (answer) this.#later(() => commands.setCartDiscount(answer.discount, answer.reason));
  }

  /** Asks, then empties the cart. */
  async askClear(): Promise<void> {
    if (!this.view || this.lines.length === 0) return;
    const items = this.view.itemCount;
    const answer = await asking.ask({ kind: 'clear', title: t('ask.clear'), items });
    if (answer) this.#later(() => commands.clearCart(answer.reason));
  }

  /** Moves the choice up or down the lines. */
  move(by: 1 | -1): void {
    const lines = this.lines;
    const at = lines.findIndex((line) => line.line === this.chosen);
    const next = at < 0 ? (by < 0 ? lines.length - 1 : 0) : at + by;
    this.chosen = lines[next]?.line ?? null;
  }

  /** Resolves when every change that was asked for is done. */
  settled(): Promise<void> {
    return this.#work.settled();
  }

  #takeMultiplier(): string | null {
    const quantity = this.multiplier;
    this.multiplier = null;
    return quantity;
  }

  #later(command: () => Promise<CartView>): void {
    this.#work.push(async () => {
      await this.#change(command);
    });
  }

  /** Runs one change; with `heard`, it beeps and the line is read out. */
  async #change(command: () => Promise<CartView>, heard = false): Promise<boolean> {
    try {
      this.take(await command());
    } catch (thrown) {
      notices.error(thrown);
      return false;
    }
    if (heard) this.#hear();
    else notices.announce(t('cart.totalNow', { total: app.money(this.view?.total ?? 0) }));
    return true;
  }

  #hear(): void {
    play('scan');
    this.chosen = null;
    const line = this.target;
    if (!line) return;
    notices.announce(
      `${t('scan.added', {
        name: line.name,
        quantity: formatDecimal(line.quantity, locale()),
        price: app.money(line.total),
      })}. ${t('cart.totalNow', { total: app.money(this.view?.total ?? 0) })}`,
    );
  }

  /**
   * A scan does not say whether its product is weighed. Rust does: by an error that names the
   * product.
   */
  async #scan(code: string, quantity: string | null): Promise<void> {
    try {
      this.take(await commands.scan(code, quantity));
    } catch (thrown) {
      const weighed = productToWeigh(thrown);
      if (weighed) await this.#add(weighed, null);
      else notices.error(withCode(thrown, code));
      return;
    }
    this.#hear();
  }

  async #add(product: Product, given: string | null): Promise<void> {
    let quantity = given;
    if (product.unit === 'kg' && quantity === null) {
      quantity = await asking.ask({
        kind: 'weight',
        title: t('ask.weightFor', { name: product.name }),
        initial: '',
      });
      if (quantity === null) return;
    }
    await this.#change(() => commands.addProduct(product.sku, quantity, null), true);
  }
}

/** The product that an error wants a weight of. */
function productToWeigh(thrown: unknown): Product | null {
  const error = TillError.from(thrown);
  if (error.code !== 'quantity_needed') return null;
  const details = error.details as { product?: Product } | null;
  return details?.product ?? null;
}

/** The same error with the code that was scanned, so that the cashier sees which one it was. */
function withCode(thrown: unknown, code: string): TillError {
  const error = TillError.from(thrown);
  const isAboutIt = error.code === 'unknown_barcode';
  return isAboutIt ? new TillError(error.code, error.message, { code }) : error;
}

/** The one open cart. */
export const cart = new CartUse();
