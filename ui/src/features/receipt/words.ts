import { t } from '../../i18n/index.svelte';
import type { SaleView } from '../../platform';

/** What the record says where nobody was named at the till. */
const NOBODY = 'Cashier';

/** Who served, or nothing where nobody was named. */
export function servedBy(sale: SaleView): string {
  return sale.cashierName === NOBODY ? '' : sale.cashierName;
}

/** The other receipt, where one cancels the other. */
export function crossedWords(sale: SaleView): string[] {
  const words: string[] = [];
  if (sale.reverses) words.push(t('receipt.reverses', { number: sale.reverses }));
  else if (sale.cancels) words.push(t('receipt.reversesEarlier'));
  if (sale.supersededBy) words.push(t('receipt.reversedBy', { number: sale.supersededBy }));
  return words;
}
