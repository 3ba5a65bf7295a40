import { clearMocks, mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aboutWords, priceWords } from '../../src/features/checkout/words';
import { setLocale } from '../../src/i18n/index.svelte';
import { app } from '../../src/till/app.svelte';
import { asking } from '../../src/till/ask.svelte';
import { cart } from '../../src/till/cart.svelte';
import { notices } from '../../src/till/notices.svelte';
import { search } from '../../src/till/search.svelte';
import { goods } from '../preview/goods';
import { FakeShell } from '../preview/shell';

let stops: (() => void)[];

beforeEach(async () => {
  mockWindows('main');
  const shell = new FakeShell(new URLSearchParams('scene=quiet'));
  mockIPC((command, args) => shell.invoke(command, args as Record<string, unknown>), {
    shouldMockEvents: true,
  });
  setLocale('en');
  notices.clear();
  cart.view = null;
  cart.multiplier = null;
  stops = [await app.start(), await cart.start()];
});
afterEach(async () => {
  for (const stop of stops) stop();
  // Listeners are taken off a moment later.
  await new Promise((resolve) => setTimeout(resolve));
  clearMocks();
});

const weighed = goods.find((item) => item.name === 'Bananas');

describe('the cart', () => {
  it('takes a burst of twenty scans in order and loses none', async () => {
    const pieces = goods.filter((item) => item.unit === 'piece' && item.price > 0).slice(0, 20);
    for (const item of pieces) cart.scan(item.barcodes[0] ?? '');
    await cart.settled();
    expect(cart.lines.map((line) => line.sku)).toEqual(pieces.map((item) => item.sku));
  });

  it('goes on after an unknown barcode, and names it', async () => {
    cart.scan('BA001');
    cart.scan('4006381333931');
    cart.scan('BA002');
    await cart.settled();
    expect(cart.lines.map((line) => line.sku)).toEqual(['BA001', 'BA002']);
    expect(notices.items[0]?.text).toContain('4006381333931');
  });

  it('asks for the weight of a weighed product, and lets later scans wait', async () => {
    cart.scan(weighed?.barcodes[0] ?? '');
    cart.scan('BA001');
    await vi.waitFor(() => expect(asking.open?.question.kind).toBe('weight'));
    expect(cart.lines).toHaveLength(0);
    asking.open?.answer('0.734');
    await cart.settled();
    expect(cart.lines.map((line) => line.quantity)).toEqual(['0.734', '1']);
  });

  it('adds nothing when the weight is not given', async () => {
    if (weighed) cart.add(weighed);
    await vi.waitFor(() => expect(asking.open).not.toBeNull());
    asking.open?.answer(null);
    await cart.settled();
    expect(cart.lines).toHaveLength(0);
  });

  it.each(['added', 'scanned'])(
    'takes a free product that is %s, asks nothing and marks it',
    async (how) => {
      const free = goods.find((item) => item.price === 0)!;
      expect(priceWords(free.price)).toBe('free of charge');
      if (how === 'added') cart.add(free);
      else cart.scan(free.barcodes[0] ?? free.sku);
      await cart.settled();
      expect(asking.open).toBeNull();
      expect(cart.lines.map((line) => [line.sku, line.total])).toEqual([[free.sku, 0]]);
      expect(aboutWords(cart.lines[0]!)).toEqual(['free of charge']);
    },
  );

  it('marks nothing as free that costs something', async () => {
    cart.scan('BA001');
    await cart.settled();
    expect(aboutWords(cart.lines[0]!)).toEqual([]);
  });

  it('does not let an older view replace a newer one', () => {
    const newer = { ...cart.view!, revision: 9 };
    cart.take(newer);
    cart.take({ ...newer, revision: 4, total: 1 });
    expect(cart.view?.revision).toBe(9);
  });

  it('does not step under one', async () => {
    cart.scan('BA001');
    await cart.settled();
    cart.step(-1);
    await cart.settled();
    expect(cart.lines[0]?.quantity).toBe('1');
  });
});

describe('the scan field', () => {
  it('does not go back to a cart that was paid meanwhile', () => {
    const paid = { ...cart.view!, cartId: 'paid', revision: 7 };
    const next = { ...cart.view!, cartId: 'next', revision: 1 };
    cart.take(paid);
    cart.take(next);
    cart.take(paid);
    expect(cart.view?.cartId).toBe('next');
  });

  it('takes “3*” for the quantity of the next item', async () => {
    search.text = '3*';
    await search.typed();
    expect(search.text).toBe('');
    expect(cart.multiplier).toBe('3');
    cart.scan('BA001');
    cart.scan('BA002');
    await cart.settled();
    expect(cart.lines.map((line) => line.quantity)).toEqual(['3', '1']);
  });

  it('takes digits that were typed by hand for a code', async () => {
    search.text = goods[0]?.barcodes[0] ?? '';
    await search.submit();
    await cart.settled();
    expect(cart.lines[0]?.sku).toBe(goods[0]?.sku);
    expect(search.text).toBe('');
  });

  it('adds the first result when Enter comes before the results', async () => {
    search.text = 'flat wh';
    await search.submit();
    await cart.settled();
    expect(cart.lines[0]?.name).toBe('Flat white');
  });
});
