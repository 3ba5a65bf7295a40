import { locale, t } from '../../i18n/index.svelte';
import { formatDecimal } from '../../money';
import type { DiscountInput } from '../../platform';
import { app } from '../../till/app.svelte';

/** `10 %` or `0.50`. */
export function discountWords(discount: DiscountInput): string {
  return discount.kind === 'percent'
    ? `${formatDecimal(discount.value, locale())} %`
    : app.money(discount.value);
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
