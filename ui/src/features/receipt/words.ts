import { t } from '../../i18n/index.svelte';
import type { SaleView } from '../../platform';

/** The other receipt, where one cancels the other. */
export function crossedWords(sale: SaleView): string[] {
  const words: string[] = [];
  if (sale.reverses) words.push(t('receipt.reverses', { number: sale.reverses }));
  else if (sale.cancels) words.push(t('receipt.reversesEarlier'));
  if (sale.supersededBy) words.push(t('receipt.reversedBy', { number: sale.supersededBy }));
  return words;
}
