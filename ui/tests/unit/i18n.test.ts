import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/i18n/message';
import { tables } from '../../src/i18n/tables';
import { errors } from '../../src/i18n/en/errors';
import { setLocale, t, errorText } from '../../src/i18n/index.svelte';
import bindings from '../../src/generated/bindings.ts?raw';

const { en, de } = tables;
const keys = Object.keys(en) as (keyof typeof en)[];
const forms = (message: Message): string[] =>
  typeof message === 'string' ? [message] : [message.one, message.other];
const names = (message: Message): string[] =>
  [
    ...new Set(
      forms(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '')),
    ),
  ].sort();

describe('both languages', () => {
  it('have the same messages', () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(keys)('%s has the same names in braces, and words', (key) => {
    expect(names(de[key])).toEqual(names(en[key]));
    for (const text of [...forms(en[key]), ...forms(de[key])]) expect(text.trim()).not.toBe('');
  });

  it('never shout, apologise or say that an error occurred', () => {
    for (const table of [en, de]) {
      for (const text of Object.values(table).flatMap(forms)) {
        expect(text).not.toMatch(/!|oops|an error occurred|fehler aufgetreten|sorry|leider/i);
      }
    }
  });
});

describe('German', () => {
  // One thing has one name: what differs in its name is taken for another thing.
  it.each([/Kürzel/, /verworfen/, /Geschäft(?!stag)/, /Identität/, /\bhoch\b/, /Duplikat/])(
    'has another word for %s',
    (word) => {
      const found = Object.entries(de).filter(([, text]) =>
        forms(text).some((one) => word.test(one)),
      );
      expect(found).toEqual([]);
    },
  );
});

describe('errors', () => {
  it('have words for every code that Rust may send', () => {
    const union = /export type ErrorCode =([\s\S]*?);/.exec(bindings)?.[1] ?? '';
    const codes = [...union.matchAll(/"(\w+)"/g)].map((match) => `error.${match[1]}`);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !(code in errors))).toEqual([]);
  });

  it('fall back to Rust’s own words for a code that is newer', () => {
    const newer = { code: 'drawer_jammed' as never, message: 'the drawer is jammed' };
    expect(errorText(newer)).toBe('the drawer is jammed');
  });

  it('have the words of what they are about, where there are such', () => {
    setLocale('en');
    const busy = { code: 'cloud_refused' as const, message: '', details: { about: 'busy' } };
    expect(errorText(busy)).toContain('its quota is used up');
    expect(errorText({ ...busy, details: { about: 'others' } })).toContain('refused this');
  });

  it('name what the error is about', () => {
    setLocale('en');
    const details = { prefix: 'A', register: 'Bar', registerId: 'r1', lastSequence: 7 };
    const text = errorText({ code: 'prefix_taken', message: 'in other words', details });
    expect(text).toContain('receipts A: Bar.');
    expect(text).not.toContain('{');
  });
});

describe('a message', () => {
  it('chooses its plural form by the language', () => {
    setLocale('en');
    expect(t('status.failed', { n: 1 })).toBe('1 sale needs a manager');
    expect(t('status.failed', { n: 1284 })).toBe('1,284 sales need a manager');
    setLocale('de');
    expect(t('status.failed', { n: 2 })).toBe('2 Verkäufe brauchen die Leitung');
    expect(t('status.waiting', { n: 1284 })).toBe('1.284 Verkäufe warten');
    setLocale('en');
  });
});
