import { beforeEach, describe, expect, it } from 'vitest';
import {
  clockWords,
  connectWords,
  doubtOf,
  effectWords,
  emptyWords,
  headline,
  isWell,
  problemWords,
  signInWords,
  statusWords,
} from '../../src/features/sync/words';
import { setLocale } from '../../src/i18n/index.svelte';
import type { AppError, Choice, SyncStatus } from '../../src/platform';
import { FakeFailures } from '../preview/conflicts';

const quiet: SyncStatus = { ...new FakeFailures().status('quiet', 1), lastSyncedAt: null };
const status = (change: Partial<SyncStatus>): SyncStatus => ({ ...quiet, ...change });
const told = (code: AppError['code'], about?: string): AppError => ({
  code,
  message: 'in English',
  details: about ? { about, said: 'imagined' } : { said: 'imagined' },
});

beforeEach(() => setLocale('en'));

describe('connecting to another store', () => {
  it('says how many sales are in the one before, and how many may be', () => {
    const words = (sales: number, tried: number): string =>
      connectWords({ code: 'sales_elsewhere', message: '', details: { sales, tried } });
    expect(words(1, 0)).toMatch(/^1 sale of this register is in another store already/);
    expect(words(1_200, 3)).toMatch(/^1,200 sales .* 3 sales were sent to that store/);
    expect(words(0, 1)).toMatch(/^1 sale was sent to that store.* Nothing was changed/);
    const waiting = { code: 'unsynced_sales', message: '', details: { waiting: 3 } } as const;
    expect(connectWords(waiting, 's1', 's2')).toMatch(/3 uploads wait for the store “s1”.*“s2”/);
    const undecided = { code: 'sales_elsewhere', message: '', details: { undecided: 2 } } as const;
    expect(connectWords(undecided)).toMatch(/^2 sales could not go up .* not decided yet/);
  });
});

describe('the status line', () => {
  it('says that all is well only when it is', () => {
    expect(statusWords(quiet)).toEqual({ kind: 'good', text: 'All sales are in the cloud' });
    expect(statusWords(status({ pending: 1 })).kind).toBe('wait');
    expect(statusWords(null).kind).toBe('plain');
  });

  it('says what waits without a network, and that selling goes on', () => {
    const { kind, text } = statusWords(status({ state: 'offline', pending: 12 }));
    expect(kind).toBe('wait');
    expect(text).toBe('12 sales waiting · no network · selling goes on');
  });

  it('puts what needs a manager first', () => {
    const { kind, text } = statusWords(status({ state: 'offline', pending: 3, failedTotal: 2 }));
    expect(kind).toBe('bad');
    expect(text.startsWith('2 sales need a manager')).toBe(true);
    expect(text).toContain('3 sales waiting');
  });

  it('never calls a register without a cloud synced', () => {
    expect(statusWords(status({ state: 'localOnly' })).text).toBe('Sales stay on this register');
  });

  it('does not call all sales synced where one was dismissed', () => {
    const { kind, text } = statusWords(status({ dismissedTotal: 1 }));
    expect(kind).toBe('plain');
    expect(text).toBe('All sales but one dismissed are in the cloud');
    expect(headline(status({ dismissedTotal: 2 }))).toBe('All sales but 2 are in the cloud.');
  });

  it.each([
    ['disk_full', 'The disk is full.'],
    ['database_failed', 'The database cannot be written.'],
    ['database_locked', 'The database cannot be written.'],
    ['database_read_only', 'The database cannot be written.'],
  ] as const)('does not say of a register with %s that selling goes on', (code, head) => {
    const problem = { code, message: 'in English', details: null };
    const stopped = status({ state: 'paused', problem });
    expect(headline(stopped)).toContain(head);
    expect(headline(stopped)).not.toContain('Selling goes on');
    expect(problemWords(problem).text).toContain('new sales may be refused');
    expect(problemWords(problem).text).not.toContain('in English');
  });

  it.each(['signInNeeded', 'identityNeeded', 'notAllowed', 'paused'] as const)(
    'does not hide the state %s behind “all synced”',
    (state) => {
      expect(statusWords(status({ state })).kind).toBe('wait');
      expect(headline(status({ state }))).not.toBe('All sales are in the cloud.');
      expect(isWell(status({ state }), null)).toBe(false);
    },
  );

  it('asks nothing of anybody while the network is gone, and does where the cloud refuses', () => {
    const problem = told('cloud_unreachable');
    expect(isWell(status({ state: 'offline', problem }), null)).toBe(true);
    expect(isWell(status({ state: 'idle', problem }), null)).toBe(false);
    const busy = told('cloud_refused', 'busy');
    expect(isWell(status({ state: 'offline', problem: busy }), null)).toBe(false);
  });

  it.each([
    ['numbers', 'receipt numbers not checked', 'Belegnummern ungeprüft'],
    ['duplicates', 'duplicates not looked for', 'Suche nach Dubletten ruht'],
    ['others', 'other registers not seen', 'andere Kassen nicht zu sehen'],
  ])('is not green while the cloud refuses to be asked for %s', (about, en, de) => {
    const problem = told('cloud_refused', about);
    const lastSyncedAt = '2026-03-02T10:00:00Z';
    const kind = 'wait';
    const text = `All sales are in the cloud · ${en}`;
    expect(statusWords(status({ problem, lastSyncedAt }))).toEqual({ kind, text });
    const one = statusWords(status({ problem, dismissedTotal: 1 }));
    expect(one).toEqual({ kind, text: `All sales but one dismissed are in the cloud · ${en}` });
    expect(statusWords(status({ problem, pending: 2 })).text).toBe(`2 sales waiting · ${en}`);
    const failed = statusWords(status({ problem, failedTotal: 1 }));
    expect(failed).toEqual({ kind: 'bad', text: `1 sale needs a manager · ${en}` });
    setLocale('de');
    expect(statusWords(status({ problem })).text).toBe(`Alle Verkäufe sind in der Cloud · ${de}`);
  });

  it('is not green beside a problem that it has no words for', () => {
    const { kind, text } = statusWords(status({ problem: told('internal') }));
    expect([kind, text]).toEqual(['wait', 'All sales are in the cloud']);
  });
});

describe('a cloud that takes no sales', () => {
  const away = (problem: AppError | null): SyncStatus =>
    status({ state: 'offline', pending: 12, problem, offlineSince: '2026-03-02T14:02:00' });
  const line = (problem: AppError | null): string => statusWords(away(problem)).text;

  it.each([
    [told('cloud_unreachable'), 'no network', 'cannot be reached', 'by themselves'],
    [told('cloud_refused', 'busy'), 'cloud busy', 'its quota is used up', 'by itself'],
    [told('timeout'), 'no answer from the cloud', 'does not answer', 'by itself'],
    [told('cloud_refused'), 'refused by the cloud', 'refuses what it is asked', 'by itself'],
  ])('is called what it is, in line, headline and notice: %j', (problem, short, long, goesOn) => {
    expect(line(problem)).toBe(`12 sales waiting · ${short} since 14:02 · selling goes on`);
    const { text } = statusWords({ ...away(problem), offlineSince: null });
    expect(text).toBe(`12 sales waiting · ${short} · selling goes on`);
    expect(headline(away(problem))).toMatch(new RegExp(`${long}.* Selling goes on\\.$`));
    const notice = problemWords(problem).text;
    expect(notice).toContain(long);
    expect(notice).toContain('Sales are safe on this register');
    expect(notice).toContain(goesOn);
    expect(notice).not.toContain('Try again');
  });

  it('is called so in German too', () => {
    setLocale('de');
    const busy = told('cloud_refused', 'busy');
    expect(line(busy)).toBe(
      '12 Verkäufe warten · Cloud ausgelastet seit 14:02 · der Verkauf läuft weiter',
    );
    expect(headline(away(busy))).toContain('Kontingent erschöpft');
    expect(line(told('timeout'))).toContain('keine Antwort der Cloud seit 14:02');
    for (const problem of [busy, told('timeout'), told('cloud_refused')]) {
      expect(problemWords(problem).text).toContain('von selbst wieder versucht');
    }
  });

  it('is one without a network where nobody has said why', () => {
    expect(line(null)).toContain('no network since 14:02');
  });
});

describe('the register’s clock', () => {
  const said = (clockOffsetMs: number): string => clockWords(status({ clockOffsetMs })) ?? '';

  it('is ahead or behind, by minutes, hours or days', () => {
    expect(said(86_400_000)).toContain('clock was 1 day ahead of the cloud’s');
    expect(said(-86_400_000)).toContain('clock was 1 day behind the cloud’s');
    expect(said(61_000)).toContain('1 minute ahead');
    expect(said(-5_400_000)).toContain('90 minutes behind');
    expect(said(3 * 3_600_000)).toContain('3 hours ahead');
    expect(said(-40 * 86_400_000)).toContain('40 days behind');
    expect(said(59_000)).toBe('');
    expect(said(-59_000)).toBe('');
    expect(clockWords(status({ state: 'localOnly', clockOffsetMs: 86_400_000 }))).toBeNull();
    setLocale('de');
    expect(said(-3 * 86_400_000)).toContain('ging gegenüber der Cloud 3 Tage nach');
    expect(said(7_200_000)).toContain('ging gegenüber der Cloud 2 Stunden vor');
  });
});

describe('why it does not go on', () => {
  it('is told in our words, and the cloud’s own stand beside them', () => {
    const problem = {
      code: 'cloud_refused' as const,
      message: 'in English',
      details: { about: 'duplicates', said: 'The query requires an index.' },
    };
    const { text, said } = problemWords(problem);
    expect(text).toContain('possible duplicates');
    expect(said).toContain('The query requires an index.');
    expect(problemWords({ ...problem, code: 'disk_full', details: null }).text).toContain(
      'nothing can be sent',
    );
    expect(problemWords({ ...problem, details: null }).said).toBe('');
  });
});

describe('why nobody was signed in', () => {
  it('is told without a word about sales that would go up by themselves', () => {
    const codes = ['cloud_unreachable', 'timeout', 'cloud_refused', 'account_disabled'] as const;
    for (const code of [...codes, 'not_permitted'] as const) {
      const text = signInWords({ code, message: '', details: null });
      expect(text).toContain('Nobody was signed in; sales are safe on this register.');
      expect(text).not.toContain('by themselves');
    }
    const wrong = signInWords({ code: 'wrong_password', message: '', details: null });
    expect(wrong).toContain('the password is another one');
  });
});

describe('who this register is', () => {
  it('is told apart by what was found', () => {
    const doubted = (reason: string) => {
      const problem = { code: 'identity_needed' as const, message: '', details: { reason } };
      return doubtOf(status({ state: 'identityNeeded', problem }));
    };
    expect(doubted('otherInstallation')).toBe('elsewhere');
    expect(doubted('numberReused')).toBe('reused');
    expect(doubtOf(quiet)).toBeNull();
  });

  it('is asked for where another register printed its receipt numbers first, and all sales go up', () => {
    const details = { prefix: 'A', register: 'Bar', registerId: 'r1' };
    const problem = { code: 'prefix_shared' as const, message: '', details };
    const shared = status({ state: 'idle', syncedTotal: 3, problem });
    expect(doubtOf(shared)).toBe('shared');
    expect(isWell(shared, null)).toBe(false);
    expect(statusWords(shared)).toEqual({
      kind: 'wait',
      text: 'Another register prints receipts A too',
    });
    expect(problemWords(problem).text).toContain('Another register of this store, Bar, prints');
    expect(statusWords(status({ state: 'syncing', inFlight: 1, problem })).text).toBe(
      '1 sale on its way to the cloud · Another register prints receipts A too',
    );
  });
});

describe('what stands under “Nothing needs you.”', () => {
  const now = Date.parse('2026-03-02T10:00:12Z');
  const lastSyncedAt = '2026-03-02T10:00:00Z';

  it('counts the sales in the cloud', () => {
    const words = emptyWords(status({ syncedTotal: 1284, lastSyncedAt }), now);
    expect(words).toBe('1,284 sales are in the cloud, the last 12 seconds ago.');
  });

  it('is a sentence after a decision, too, when no sale has arrived under its own id', () => {
    const words = emptyWords(status({ syncedTotal: 0, lastSyncedAt }), now);
    expect(words).toBe('The last upload reached the cloud 12 seconds ago.');
  });

  it('says that nothing has arrived yet', () => {
    const words = emptyWords(status({ syncedTotal: 0, lastSyncedAt: null }), now);
    expect(words).toBe('No sale has gone up yet.');
  });
});

describe('what a choice does', () => {
  const choice = (change: Partial<Choice>): Choice => ({
    choice: 'keepCloud',
    available: true,
    unavailable: null,
    earlier: false,
    ownerOnly: false,
    effects: { stock: [], money: [], notes: [] },
    ...change,
  });

  it('is said before it is chosen: stock and drawer', () => {
    const words = effectWords(
      choice({
        effects: {
          stock: [
            { name: 'Oat milk', unit: 'piece', quantity: '+2' },
            { name: 'Bananas', unit: 'kg', quantity: '+0.512' },
          ],
          money: [{ method: 'cash', amount: -498 }],
          notes: ['cloudUntouched', 'a code from the future'],
        },
      }),
      'sameId',
    );
    expect(words).toEqual([
      'Stock, if it goes back: Oat milk +2, Bananas +0.512 kg.',
      'Drawer: 4.98 to give back, if it was taken.',
      'The cloud’s version stays untouched.',
    ]);
  });

  it('is said when it is nothing', () => {
    expect(effectWords(choice({ choice: 'retry' }), 'sameId')).toEqual([
      'Stock and drawer stay as they are.',
    ]);
  });

  it('says why it cannot be chosen', () => {
    const words = effectWords(choice({ available: false, unavailable: 'because' }), 'refused');
    expect(words).toEqual(['Not possible: the cloud has no version of this sale.']);
  });

  it('says that an earlier decision is in the way, in the window’s language', () => {
    const none = choice({ available: false, unavailable: 'because', earlier: true });
    expect(effectWords(none, 'sameId')).toEqual([
      'Not possible any more, after what was decided before.',
    ]);
  });
});
