import { MINUS, group, marks, parseDecimal } from './decimal';

/** A currency as the window needs it. */
export interface Currency {
  code: string;
  decimals: number;
}

/** An amount in minor units as text: `123456` is `1,234.56`. Never divides. */
export function formatAmount(minor: number, decimals: number, locale: string): string {
  if (!Number.isSafeInteger(minor)) throw new RangeError('an amount is a safe integer');
  const { decimal, group: mark } = marks(locale);
  const digits = String(minor)
    .replace('-', '')
    .padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text =
    group(digits.slice(0, cut), mark) + (decimals > 0 ? decimal + digits.slice(cut) : '');
  return minor < 0 ? MINUS + text : text;
}

/**
 * What a person typed in major units (`12.5`, `12,50`, `1.234,00`) in minor units; `null` where it
 * is not an amount of this currency, is negative, or is beyond what every layer keeps exact.
 */
export function parseAmount(typed: string, decimals: number, locale: string): number | null {
  const value = parseDecimal(typed, decimals, locale);
  if (value === null || value.startsWith('-')) return null;
  const [whole = '0', fraction = ''] = value.split('.');
  const minor = BigInt(whole + fraction.padEnd(decimals, '0'));
  return minor <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(minor) : null;
}

/** An amount in minor units as it is typed into a field: without group marks. */
export function editableAmount(minor: number, decimals: number, locale: string): string {
  return formatAmount(minor, decimals, locale)
    .split(marks(locale).group)
    .join('')
    .replace(MINUS, '-');
}
