import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Costs from '../../src/features/sync/Costs.svelte';
import Progress from '../../src/features/sync/Progress.svelte';
import { progressWords } from '../../src/features/sync/shrinking';
import { setLocale } from '../../src/i18n/index.svelte';
import { about } from '../../src/i18n/time';
import type { SyncPhase, SyncProgress } from '../../src/platform';
import { FakeFailures } from '../preview/conflicts';

const going: SyncProgress = { waiting: 8_400, landed: 11_600, perSecond: '812', secondsLeft: 11 };
const unknown: SyncProgress = { ...going, perSecond: null, secondsLeft: null };

beforeEach(() => setLocale('en'));

describe('how a backlog shrinks', () => {
  it('says count, rate and time left', () => {
    expect(progressWords(going, 'syncing')).toBe(
      '11,600 of 20,000 are up, 812 a second. About 20 seconds left.',
    );
    setLocale('de');
    expect(progressWords({ ...going, perSecond: '0.4' }, 'syncing')).toBe(
      '11.600 von 20.000 sind oben, 0,4 in der Sekunde. Noch etwa 20 Sekunden.',
    );
  });

  it('guesses nothing: not at the beginning, and not offline', () => {
    expect(progressWords(unknown, 'syncing')).toBe(
      '11,600 of 20,000 are up. How long the rest takes is not known yet.',
    );
    expect(progressWords({ ...unknown, landed: 0 }, 'syncing')).toBe(
      '8,400 wait. How long they take is not known yet.',
    );
    expect(progressWords(unknown, 'offline')).toBe(
      '8,400 wait. How long they take is not known while they do not go up.',
    );
  });

  it('is coarse, because somebody reads it while it changes', () => {
    const spelt = [0, 9, 11, 119, 121, 3_601, 7_201].map(about);
    expect(spelt).toEqual([
      '1 second',
      '9 seconds',
      '20 seconds',
      '120 seconds',
      '3 minutes',
      '61 minutes',
      '3 hours',
    ]);
  });
});

describe('the bar', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('changes once a second and is read out once in twenty', () => {
    const props = $state({ progress: going, state: 'syncing' as SyncPhase });
    const bar = mount(Progress, { target: document.body, props });
    flushSync();
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? '';
    const after = (ms: number) => {
      vi.advanceTimersByTime(ms);
      flushSync();
    };
    const before = text('.figures');
    expect(text('[aria-live]')).toBe(before);
    props.progress = { ...going, landed: 15_000, waiting: 5_000 };
    after(900);
    expect(text('.figures')).toBe(before);
    after(100);
    expect(text('.figures')).toContain('15,000 of 20,000');
    expect(document.querySelector('progress')?.value).toBe(15_000);
    after(18_000);
    expect(text('[aria-live]')).toBe(before);
    after(1_000);
    expect(text('[aria-live]')).toContain('15,000 of 20,000');
    void unmount(bar);
  });
});

describe('what the cloud bills', () => {
  it('is shown by month and by what it was for, with its money in one line', () => {
    const costs = new FakeFailures().status('quiet', 1).costs;
    const table = mount(Costs, {
      target: document.body,
      props: { costs, month: costs.month ?? '' },
    });
    const words = document.body.textContent;
    expect(words).toContain('November 2026: USD\u00a00.003598 for 1,310 writes and 2,066 reads.');
    expect(words).toContain('A thousand sales come to USD\u00a00.002802');
    const money = [...document.querySelectorAll('tbody td:last-child')].map((td) => td.textContent);
    expect(money).toEqual(['0.002552', '0.000372', '0.000444', '0.000229']);
    void unmount(table);
  });
});
