import { beforeEach, describe, expect, it } from 'vitest';
import { crossedWords } from '../../src/features/receipt/words';
import { setLocale } from '../../src/i18n/index.svelte';
import type { SaleView } from '../../src/platform';

const none = { cancels: null, reverses: null, supersededBy: null };
const sale = (change: Partial<SaleView>): SaleView => ({ ...none, ...change }) as SaleView;

beforeEach(() => setLocale('en'));

describe('a receipt that another one cancels', () => {
  it('names the other, on both', () => {
    expect(crossedWords(sale({ supersededBy: 'A-000002' }))).toEqual(['Reversed by A-000002']);
    expect(crossedWords(sale({ cancels: 'an id', reverses: 'A-000001' }))).toEqual([
      'Reverses A-000001',
    ]);
    setLocale('de');
    expect(crossedWords(sale({ supersededBy: 'A-000002' }))).toEqual(['Storniert mit A-000002']);
    expect(crossedWords(sale({ reverses: 'A-000001' }))).toEqual(['Storniert A-000001']);
  });

  it('says so without a number, too, where this register has only one of the two', () => {
    expect(crossedWords(sale({ cancels: 'an id' }))).toEqual(['Reverses an earlier sale']);
  });

  it('says nothing of any other sale', () => {
    expect(crossedWords(sale({}))).toEqual([]);
  });
});
