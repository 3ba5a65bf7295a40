import { t } from '../i18n/index.svelte';
import {
  commands,
  TillError,
  type PaymentPreview,
  type SaleView,
  type TenderInput,
} from '../platform';
import { play } from '../sound';
import { app } from './app.svelte';
import { cart } from './cart.svelte';
import { notices } from './notices.svelte';

/**
 * From “Pay” to the receipt. As soon as the tenders cover what is due the sale is completed, once:
 * whatever is pressed while it is being saved does nothing, and Rust answers the same cart with the
 * same sale.
 */
class Payment {
  open = $state(false);
  tenders = $state.raw<TenderInput[]>([]);
  preview = $state.raw<PaymentPreview | null>(null);
  busy = $state(false);
  /** Something was scanned while money is being taken; it was not added. */
  scanned = $state(false);
  problem = $state.raw<TillError | null>(null);
  /** The sale whose receipt is shown. */
  sale = $state.raw<SaleView | null>(null);
  #opening = false;

  /** Opens the dialog when there is something to pay. */
  async begin(): Promise<void> {
    if (this.open || this.#opening) return;
    this.#opening = true;
    try {
      await cart.settled();
      if (cart.lines.length === 0) {
        notices.error(new TillError('cart_empty', ''));
        return;
      }
      this.tenders = [];
      this.problem = null;
      this.scanned = false;
      this.preview = await commands.paymentPreview([]);
      this.open = true;
    } catch (thrown) {
      notices.error(thrown);
    } finally {
      this.#opening = false;
    }
  }

  /** Back to the cart; what was taken is to be handed back. */
  cancel(): void {
    if (this.busy) return;
    this.open = false;
    this.tenders = [];
    this.problem = null;
  }

  /** What the preview would be with one more tender; for showing the change while it is typed. */
  async previewWith(tender: TenderInput): Promise<PaymentPreview | null> {
    try {
      return await commands.paymentPreview([...this.tenders, tender]);
    } catch {
      return null;
    }
  }

  /** Takes a tender. True when it was taken. */
  async take(tender: TenderInput): Promise<boolean> {
    if (!this.open || this.busy || this.preview?.complete) return false;
    this.busy = true;
    this.problem = null;
    try {
      const tenders = [...this.tenders, tender];
      const preview = await commands.paymentPreview(tenders);
      if (preview.problem && preview.problem.code !== 'payment_too_small') {
        this.#fail(TillError.from(preview.problem));
        return false;
      }
      this.tenders = tenders;
      this.preview = preview;
      if (preview.complete) await this.#complete();
      else notices.announce(t('pay.stillDue', { amount: app.money(preview.remaining) }));
      return true;
    } catch (thrown) {
      this.#fail(TillError.from(thrown));
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Hands a tender back. */
  async giveBack(index: number): Promise<void> {
    if (this.busy) return;
    const tenders = this.tenders.filter((_, at) => at !== index);
    try {
      this.preview = await commands.paymentPreview(tenders);
      this.tenders = tenders;
      this.problem = null;
    } catch (thrown) {
      this.#fail(TillError.from(thrown));
    }
  }

  /** Completes what is covered: a sale of nothing, or one whose saving failed before. */
  async complete(): Promise<void> {
    if (!this.open || this.busy || !this.preview) return;
    if (!this.preview.complete) {
      this.#fail(new TillError('payment_too_small', ''));
      return;
    }
    this.busy = true;
    try {
      await this.#complete();
    } finally {
      this.busy = false;
    }
  }

  /** Puts the receipt away. */
  closeReceipt(): void {
    this.sale = null;
  }

  async #complete(): Promise<void> {
    const cartId = cart.view?.cartId;
    if (!cartId) return;
    try {
      const done = await commands.processCheckout({
        cartId,
        tenders: this.tenders,
        cashier: app.state?.cashier ?? '',
      });
      // First, so that no receipt stands beside a line that says nothing waits.
      await app.refreshSync();
      cart.take(done.cart);
      cart.chosen = null;
      this.sale = done.sale;
      this.open = false;
      this.tenders = [];
      notices.clear();
      play('paid');
      const change =
        done.sale.changeDue === 0
          ? t('receipt.noChange')
          : t('pay.changeOf', { amount: app.money(done.sale.changeDue) });
      notices.announce(t('receipt.paid', { number: done.sale.receiptNumber, change }));
    } catch (thrown) {
      const error = TillError.from(thrown);
      this.#fail(error);
      if (error.code === 'cart_changed' || error.code === 'cart_paid_differently') {
        await this.#refreshCart(error);
      }
    }
  }

  /** The cart is not the one that was shown: show it, and let the cashier look again. */
  async #refreshCart(error: TillError): Promise<void> {
    this.open = false;
    this.tenders = [];
    notices.error(error);
    try {
      cart.take(await commands.cart());
    } catch (thrown) {
      notices.error(thrown);
    }
  }

  #fail(error: TillError): void {
    play('error');
    this.problem = error;
  }
}

/** The one payment. */
export const payment = new Payment();
