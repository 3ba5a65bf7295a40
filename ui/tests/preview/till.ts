import type {
  CartView,
  CheckoutResult,
  DiscountInput,
  PaymentPreview,
  Product,
  SaleView,
  TenderInput,
} from '../../src/platform';
import { goods } from './goods';

type Failure = { code: string; message: string; details: unknown };
const fail = (code: string, details: unknown = null): Failure => ({
  code,
  message: `fake: ${code}`,
  details,
});

interface Line {
  product: Product;
  quantity: string;
  unitPrice: number;
  discount: DiscountInput | null;
  note: string | null;
}

const share = (part: number, whole: number, of: number): number =>
  Math.round((of * part) / whole) || 0;

/** Enough of a till to look at the window with. Rounds plainly; the law is in Rust. */
export class FakeTill {
  lines: Line[] = [];
  revision = 1;
  cartNumber = 1;
  discount: DiscountInput | null = null;
  lastLine: number | null = null;
  lastChange: number | null = null;
  sales: SaleView[] = [];
  receipt = 412;

  add(product: Product | undefined, quantity: string | null, price: number | null): CartView {
    if (!product) throw fail('unknown_product');
    const unitPrice = price ?? product.price;
    const at = this.lines.findIndex(
      (line) =>
        line.product.sku === product.sku &&
        line.unitPrice === unitPrice &&
        product.unit === 'piece' &&
        !line.discount &&
        !line.note,
    );
    const line = this.lines[at];
    if (line) {
      line.quantity = String(Number(line.quantity) + Number(quantity ?? '1'));
      this.lastLine = at + 1;
    } else {
      this.lines.push({
        product,
        quantity: quantity ?? '1',
        unitPrice,
        discount: null,
        note: null,
      });
      this.lastLine = this.lines.length;
    }
    return this.view();
  }

  scan(code: string, quantity: string | null): CartView {
    const product = goods.find((item) => item.barcodes.includes(code) || item.sku === code);
    if (!product) throw fail('unknown_barcode', { code });
    if (product.unit === 'kg' && !quantity) throw fail('quantity_needed', { product });
    return this.add(product, quantity, null);
  }

  edit(number: number, change: Partial<Line>): CartView {
    const line = this.lines[number - 1];
    if (!line) throw fail('not_found');
    Object.assign(line, change);
    this.lastLine = number;
    return this.view();
  }

  remove(number: number): CartView {
    this.lines.splice(number - 1, 1);
    this.lastLine = this.lines.length || null;
    return this.view();
  }

  clear(): CartView {
    this.lines = [];
    this.discount = null;
    this.lastLine = null;
    return this.view();
  }

  #gross(line: Line): number {
    return Math.round(line.unitPrice * Number(line.quantity));
  }
  #off(discount: DiscountInput | null, from: number): number {
    if (!discount) return 0;
    return discount.kind === 'amount'
      ? discount.value
      : Math.round((from * Number(discount.value)) / 100);
  }

  view(): CartView {
    this.revision++;
    const own = this.lines.map((line) => this.#off(line.discount, this.#gross(line)));
    const before = this.lines.reduce(
      (sum, line, at) => sum + this.#gross(line) - (own[at] ?? 0),
      0,
    );
    const cartOff = this.#off(this.discount, before);
    const total = before - cartOff;
    const lines = this.lines.map((line, at) => {
      const net = this.#gross(line) - (own[at] ?? 0);
      const cut = before ? share(net, before, cartOff) : 0;
      return {
        line: at + 1,
        sku: line.product.sku,
        name: line.product.name,
        unit: line.product.unit,
        quantity: line.quantity,
        unitPrice: line.unitPrice,
        listPrice: line.product.price,
        discount: line.discount,
        discountAmount: (own[at] ?? 0) + cut,
        total: net,
        note: line.note,
      };
    });
    const tax = share(7, 107, total);
    return {
      cartId: `cart-${this.cartNumber}`,
      revision: this.revision,
      lines,
      discount: this.discount,
      discountAmount: cartOff + own.reduce((sum, off) => sum + off, 0),
      taxTotal: tax,
      taxes: total ? [{ code: 'A', rate: '7', net: total - tax, tax, gross: total }] : [],
      total,
      itemCount: lines.reduce(
        (sum, line) => sum + (line.unit === 'kg' ? 1 : Number(line.quantity)),
        0,
      ),
      lastLine: this.lastLine,
      lastChange: this.lastChange,
    };
  }

  preview(tenders: TenderInput[]): PaymentPreview {
    const total = this.view().total;
    const paid = tenders.reduce((sum, tender) => sum + tender.amount, 0);
    const remaining = Math.max(0, total - paid);
    const card = tenders.some((tender) => tender.method === 'card');
    const over = Math.max(0, paid - total);
    const last = tenders.at(-1);
    const notes = [500, 1000, 2000, 5000, 10_000, 20_000].filter((note) => note > remaining);
    return {
      total,
      remaining,
      cashDue: remaining,
      rounding: 0,
      change: card ? 0 : over,
      tip: card ? over : 0,
      complete: remaining === 0,
      quickCash: remaining ? [remaining, ...notes.slice(0, 3)] : [],
      problem:
        last && /^\d{13,19}$/.test(last.reference ?? '')
          ? (fail('card_number_refused') as never)
          : null,
    };
  }

  checkout(tenders: TenderInput[], cashier: string): CheckoutResult {
    const cart = this.view();
    const preview = this.preview(tenders);
    if (!preview.complete) throw fail('payment_too_small');
    const sale = saleOf(cart, tenders, this.receipt++, cashier, preview.change, Date.now());
    this.sales.unshift(sale);
    this.lastChange = preview.change;
    this.cartNumber++;
    return { sale, cart: this.clear() };
  }
}

/** A sale as Rust would show it. */
export function saleOf(
  cart: CartView,
  tenders: TenderInput[],
  number: number,
  cashier: string,
  changeDue: number,
  soldAtMs: number,
): SaleView {
  return {
    saleId: crypto.randomUUID(),
    cartId: cart.cartId,
    receiptNumber: `B-${String(number).padStart(6, '0')}`,
    soldAt: new Date(soldAtMs).toISOString(),
    businessDay: new Date(soldAtMs).toISOString().slice(0, 10),
    cashierName: cashier,
    registerName: 'Till 2',
    currency: 'EUR',
    pricesIncludeTax: true,
    lines: cart.lines.map((line) => ({
      line: line.line,
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unit: line.unit,
      unitPrice: line.unitPrice,
      discount: line.discountAmount,
      total: line.total,
      note: line.note,
    })),
    discounts: cart.discount
      ? [
          {
            kind: cart.discount.kind,
            value: String(cart.discount.value),
            amount: cart.discountAmount,
            reason: null,
          },
        ]
      : [],
    taxes: cart.taxes,
    total: cart.total,
    rounding: 0,
    tip: 0,
    tenders,
    changeDue,
    cancels: null,
    reverses: null,
    supersededBy: null,
    originalSaleId: null,
    createdAt: null,
    syncState: 'pending',
  };
}
