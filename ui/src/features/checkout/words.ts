import { locale, t } from '../../i18n/index.svelte';
import { formatDecimal } from '../../money';
import type { CartLineView, DiscountInput } from '../../platform';
import { app } from '../../till/app.svelte';

/** `10 %` or `0.50`. */
export function discountWords(discount: DiscountInput): string {
  return discount.kind === 'percent'
    ? `${formatDecimal(discount.value, locale())} %`
    : app.money(discount.value);
}

/** A price as it stands on a tile: a price of zero is allowed, and marked. */
export function priceWords(price: number): string {
  return price === 0 ? t('cart.free') : app.money(price);
}

/** What stands under a cart line's name: all that is special about it. */
export function aboutWords(line: CartLineView): string[] {
  return [
    line.unit === 'kg' ? t('unit.perKg', { price: app.money(line.unitPrice) }) : null,
    line.unitPrice !== line.listPrice
      ? t('cart.wasPrice', { price: app.money(line.listPrice) })
      : null,
    line.unitPrice === 0 ? t('cart.free') : null,
    line.discount ? t('cart.lineDiscount', { value: discountWords(line.discount) }) : null,
    line.note ? t('cart.note', { text: line.note }) : null,
  ].filter((words) => words !== null);
}

/** `2 ×  3.60`, `0.734 kg`. */
export function quantityWords(quantity: string, unit: 'piece' | 'kg', unitPrice: number): string {
  const figure = formatDecimal(quantity, locale());
  return unit === 'kg' ? `${figure} ${t('unit.kg')}` : `${figure} × ${app.money(unitPrice)}`;
}

/** A tax code as people call it: one that is only its rate is read as a percentage. */
export function taxName(code: string): string {
  return /^\d+(\.\d+)?$/.test(code) ? `${formatDecimal(code, locale())} %` : code;
}

/** What a line came to before all discounts, which stand as rows of their own: so every figure below adds up. */
export function beforeDiscount(total: number, discount: number): number {
  return total + discount;
}
