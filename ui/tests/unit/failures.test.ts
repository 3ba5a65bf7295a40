import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import SyncPanel from '../../src/features/sync/SyncPanel.svelte';
import { Rereading } from '../../src/features/sync/rereading';
import { setLocale } from '../../src/i18n/index.svelte';
import { commands, type FailedPage } from '../../src/platform';
import { testids } from '../../src/testids';
import { app } from '../../src/till/app.svelte';
import { notices } from '../../src/till/notices.svelte';
import { FakeFailures } from '../preview/conflicts';

beforeEach(() => {
  setLocale('en');
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('reading again', () => {
  let begun = 0;
  let ends: (() => void)[] = [];
  const slow = (): Rereading =>
    new Rereading(() => {
      begun += 1;
      return new Promise((done) => ends.push(done));
    });
  const ended = async (): Promise<void> => {
    ends.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  beforeEach(() => {
    begun = 0;
    ends = [];
  });

  it('begins at once, and then seldom, however often there may be something new', async () => {
    const reading = slow();
    reading.soon();
    expect(begun).toBe(1);
    await ended();
    for (let ms = 0; ms < 2_900; ms += 100) {
      reading.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(begun).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(begun).toBe(2);
    await ended();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toBe(2);
  });

  it('never begins while it is under way, and forgets nothing meanwhile', async () => {
    const reading = slow();
    reading.soon();
    reading.soon();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toBe(1);
    await ended();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(begun).toBe(2);
  });

  it('answers whoever asks with what was read afterwards', async () => {
    const reading = slow();
    reading.soon();
    const asked = vi.fn();
    void reading.now().then(asked);
    void reading.now().then(asked);
    await ended();
    expect([begun, asked.mock.calls.length]).toEqual([2, 0]);
    await ended();
    expect([begun, asked.mock.calls.length]).toEqual([2, 2]);
  });

  it('ends when nobody looks', async () => {
    const reading = slow();
    reading.soon();
    reading.soon();
    reading.stop();
    await ended();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toBe(1);
  });
});

describe('the open panel', () => {
  const fake = new FakeFailures();
  let held: FailedPage;
  let version = 1;
  const read = vi.spyOn(commands, 'failedPage');
  const part = (testid: string): HTMLElement | null =>
    document.querySelector(`[data-testid="${testid}"]`);
  const after = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
    flushSync();
  };
  const told = (scene = 'conflict'): void => {
    app.takeSync(fake.status(scene, ++version));
    flushSync();
  };
  let panel: ReturnType<typeof mount>;

  beforeEach(async () => {
    HTMLElement.prototype.scrollIntoView = () => {};
    held = { ...fake.page(), elsewhere: fake.elsewhere.map((one) => ({ ...one, outcome: null })) };
    read.mockClear();
    read.mockImplementation(() => Promise.resolve(structuredClone(held)));
    vi.spyOn(commands, 'failedDetail').mockImplementation((id) => Promise.resolve(fake.detail(id)));
    told();
    panel = mount(SyncPanel, { target: document.body });
    await after(0);
  });
  afterEach(() => {
    notices.clear();
    return unmount(panel);
  });

  it('says what another register’s manager decides, which is in no count', async () => {
    const row = (): string => part(testids.elsewhere('z'))?.textContent ?? '';
    expect(row()).toContain('Nobody has decided yet.');
    held = { ...held, elsewhere: fake.elsewhere };
    told();
    await after(3_000);
    expect(row()).toContain('Maria decided');
    expect(row()).not.toContain('Nobody has decided yet.');
  });

  it('says at once what is counted', async () => {
    held = { ...held, items: [] };
    told('quiet');
    await after(0);
    expect(document.querySelector('ol')).toBeNull();
  });

  it('leaves an opened comparison, and what is typed in it, as it is', async () => {
    const id = fake.items[0]?.saleId ?? '';
    part(testids.failed(id))?.click();
    await after(0);
    part(testids.choice('dismiss'))?.click();
    flushSync();
    const reason = part(testids.reason);
    if (!(reason instanceof HTMLInputElement)) throw new Error('a reason can be typed');
    reason.focus();
    reason.value = 'half a sen';
    reason.dispatchEvent(new Event('input', { bubbles: true }));
    held = { ...held, elsewhere: fake.elsewhere };
    told();
    await after(3_000);
    expect(read).toHaveBeenCalledTimes(2);
    expect(part(testids.elsewhere('z'))?.textContent).toContain('Maria decided');
    expect(part(testids.reason)).toBe(reason);
    expect(document.activeElement).toBe(reason);
    expect(reason.value).toBe('half a sen');
  });

  it('gives the focus to the title when what had it was decided elsewhere', async () => {
    const [first] = fake.items;
    part(testids.failed(first?.saleId ?? ''))?.focus();
    held = { ...held, items: held.items.slice(1) };
    told();
    await after(3_000);
    expect(document.activeElement).toBe(part(testids.syncHeadline));
  });

  it('keeps every page that was asked for, and no item twice', async () => {
    const [first, second] = fake.items;
    if (!first || !second) throw new Error('two items');
    read.mockImplementation((page) =>
      Promise.resolve({
        ...held,
        items: page === 1 ? [first] : [first, second],
        next: page === 1 ? 2 : null,
      }),
    );
    told();
    await after(3_000);
    const more = [...document.querySelectorAll('button')].find((one) =>
      one.textContent.includes('Show more'),
    );
    more?.click();
    await after(0);
    expect(document.querySelectorAll('ol > li').length).toBe(2);
    told();
    await after(3_000);
    expect(document.querySelectorAll('ol > li').length).toBe(2);
  });

  it('says once that the list cannot be read', async () => {
    read.mockImplementation(() => Promise.reject(new Error('stuck')));
    const errors = vi.spyOn(notices, 'error').mockImplementation(() => {});
    for (let n = 0; n < 3; n += 1) {
      told();
      await after(3_000);
    }
    expect(read.mock.calls.length).toBe(4);
    expect(errors).toHaveBeenCalledTimes(1);
    errors.mockRestore();
  });
});
