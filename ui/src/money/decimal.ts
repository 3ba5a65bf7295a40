/**
 * Decimal strings without arithmetic: grouping, marks and cleaning up of what was typed. Everything
 * is done on digits, so nothing here can lose a unit.
 */

/** How a language writes figures. */
export interface Marks {
  decimal: string;
  group: string;
}

const MARKS: Record<string, Marks> = {
  en: { decimal: '.', group: ',' },
  de: { decimal: ',', group: '.' },
};

/** The marks of a language. */
export function marks(locale: string): Marks {
  return MARKS[locale] ?? { decimal: '.', group: ',' };
}

/** The typographic minus, as wide as a digit. */
export const MINUS = '\u2212';

/** `1234567` as `1,234,567`. */
export function group(digits: string, mark: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, mark);
}

/** A canonical decimal (`-1234.5`) in the marks of a language. */
export function formatDecimal(value: string, locale: string): string {
  const { decimal, group: mark } = marks(locale);
  const negative = value.startsWith('-');
  const [whole = '0', fraction] = (negative ? value.slice(1) : value).split('.');
  const text = group(whole, mark) + (fraction ? decimal + fraction : '');
  return negative ? MINUS + text : text;
}

/**
 * What a person typed, as a canonical decimal with at most `maxDecimals` decimals; `null` where it
 * is not a figure. Both `.` and `,` are understood: the last mark is the decimal mark unless it is
 * followed by exactly three digits and is the language's group mark.
 */
export function parseDecimal(typed: string, maxDecimals: number, locale: string): string | null {
  const { decimal, group: mark } = marks(locale);
  let text = typed.replace(/[\s\u00a0\u202f']/g, '').replace(MINUS, '-');
  const negative = text.startsWith('-');
  if (negative) text = text.slice(1);
  const grouped = new RegExp(`^\\d{1,3}(\\${mark}\\d{3})+(\\${decimal}\\d*)?$`);
  if (grouped.test(text) && !(mark === '.' && maxDecimals === 3 && /^\d\.\d{3}$/.test(text))) {
    text = text.split(mark).join('').replace(decimal, '.');
  } else {
    text = text.replace(',', '.');
  }
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match || (!match[1] && !match[2])) return null;
  const whole = (match[1] || '0').replace(/^0+(?=\d)/, '');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > maxDecimals) return null;
  const value = fraction ? `${whole}.${fraction}` : whole;
  return negative && value !== '0' ? `-${value}` : value;
}
