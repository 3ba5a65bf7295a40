import { describe, expect, it } from 'vitest';
import {
  editableAmount,
  formatAmount,
  formatDecimal,
  parseAmount,
  parseDecimal,
} from '../../src/money';

describe('amounts as text', () => {
  it.each([
    [0, 2, 'en', '0.00'],
    [5, 2, 'en', '0.05'],
    [123456, 2, 'en', '1,234.56'],
    [123456, 2, 'de', '1.234,56'],
    [-1740, 2, 'de', '−17,40'],
    [1500, 0, 'en', '1,500'],
    [1234567, 3, 'en', '1,234.567'],
    [7, 3, 'de', '0,007'],
  ])('%i with %i decimals in %s is %s', (minor, decimals, locale, text) => {
    expect(formatAmount(minor, decimals, locale)).toBe(text);
  });

  it('keeps every unit up to 2^53−1', () => {
    expect(formatAmount(Number.MAX_SAFE_INTEGER, 2, 'en')).toBe('90,071,992,547,409.91');
    expect(parseAmount('90071992547409.91', 2, 'en')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseAmount('90071992547409.92', 2, 'en')).toBeNull();
  });

  it('refuses what is not a whole number of minor units', () => {
    expect(() => formatAmount(0.1, 2, 'en')).toThrow(RangeError);
    expect(() => formatAmount(2 ** 53, 2, 'en')).toThrow(RangeError);
  });
});

describe('amounts that were typed', () => {
  it.each([
    ['12', 2, 'en', 1200],
    ['12.5', 2, 'en', 1250],
    ['12,5', 2, 'de', 1250],
    ['12.5', 2, 'de', 1250],
    ['1,234.50', 2, 'en', 123450],
    ['1.234,50', 2, 'de', 123450],
    ['1.234', 2, 'de', 123400],
    ['.5', 2, 'en', 50],
    ['007', 2, 'en', 700],
    ['1500', 0, 'en', 1500],
    ['0', 2, 'en', 0],
    ['1.250', 2, 'en', 125],
  ])('%s with %i decimals in %s is %i', (typed, decimals, locale, minor) => {
    expect(parseAmount(typed, decimals, locale)).toBe(minor);
  });

  it.each(['', '-5', '1.2.3', '12.345', 'abc', '1e3', '.', ',', 'NaN', '１２'])(
    'refuses “%s”',
    (typed) => {
      expect(parseAmount(typed, 2, 'en')).toBeNull();
    },
  );

  it('reads back what it shows for editing', () => {
    for (const minor of [0, 5, 199, 123456789]) {
      for (const locale of ['en', 'de']) {
        expect(parseAmount(editableAmount(minor, 2, locale), 2, locale)).toBe(minor);
      }
    }
  });
});

describe('quantities and percentages', () => {
  it.each([
    ['0.734', 'en', '0.734'],
    ['0,734', 'de', '0.734'],
    ['0.734', 'de', '0.734'],
    ['1.234', 'de', '1.234'],
    ['2,50', 'de', '2.5'],
    ['3', 'en', '3'],
  ])('%s in %s is %s', (typed, locale, value) => {
    expect(parseDecimal(typed, 3, locale)).toBe(value);
  });

  it('shows them in the marks of the language', () => {
    expect(formatDecimal('0.734', 'de')).toBe('0,734');
    expect(formatDecimal('-2', 'en')).toBe('−2');
    expect(formatDecimal('1284', 'en')).toBe('1,284');
  });
});
