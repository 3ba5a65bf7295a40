import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setLocale, t } from '../../src/i18n/index.svelte';
import type { Finding, ReconcileReport, SyncStatus } from '../../src/platform';
import {
  cleanWords,
  differWords,
  explainedWords,
  openOf,
  whereWords,
} from '../../src/features/sync/reconciling';
import { headline, isWell, statusWords } from '../../src/features/sync/words';
import { FakeFailures } from '../preview/conflicts';

const report: ReconcileReport = {
  clean: true,
  cloudCompared: true,
  cloudProblem: null,
  from: null,
  to: null,
  everyDocument: false,
  registers: [],
  days: 1,
  receipts: 3,
  total: 1320,
  links: 3,
  documentsRead: 0,
  billedReads: 2,
  differences: 0,
  findings: [],
  explainedCounts: {
    waiting: 0,
    failed: 0,
    dismissed: 0,
    otherStore: 0,
    decidedElsewhere: 0,
    otherInstallation: 0,
  },
  explained: [],
  identityProblem: null,
  sendable: 0,
  sentAgain: null,
};

const finding: Finding = {
  kind: 'differs',
  place: 'cloud',
  registerId: 'r',
  receiptNumber: 'A-000001',
  saleId: 's',
  day: '2026-11-22',
  total: 100,
  fields: ['total', 'lines'],
  standsHere: null,
  message: 'in words',
  canSend: false,
};

describe('the proof of the books', () => {
  it('says what it compared, and what of it was read', () => {
    setLocale('en');
    expect(cleanWords(report)).toContain('receipts 3 over 13.20');
    expect(cleanWords(report)).toContain('no document had to be read');
    const read = { ...report, documentsRead: 3 };
    expect(cleanWords(read)).toContain('the others were counted');
    expect(cleanWords({ ...read, everyDocument: true })).toContain('All 3 documents');
  });

  it('tells whoever asked for every document of every one, also where there is none', () => {
    const every = { ...report, everyDocument: true };
    for (const [locale, all, none] of [
      ['en', 'All 3 documents were read', 'Every document of this register was asked for'],
      ['de', 'Alle 3 Dokumente wurden gelesen', 'Jedes Dokument dieser Kasse wurde angefordert'],
    ] as const) {
      setLocale(locale);
      expect(cleanWords({ ...every, documentsRead: 3 })).toContain(all);
      expect(cleanWords(every)).toContain(none);
      expect(cleanWords(every)).not.toContain(t('books.readNone', { reads: report.billedReads }));
    }
    setLocale('en');
  });

  it('says nothing of the cloud where it was not compared', () => {
    const alone = cleanWords({ ...report, cloudCompared: false });
    expect(alone).not.toContain('cloud');
  });

  it('has words for everything that can be found, in both languages', () => {
    for (const locale of ['en', 'de'] as const) {
      setLocale(locale);
      for (const kind of [
        'missing',
        'doubled',
        'differs',
        'unreadable',
        'newerSchema',
        'late',
      ] as const) {
        for (const place of ['register', 'journal', 'cloud'] as const) {
          expect(differWords({ ...finding, kind, place })).toMatch(/\.$/);
        }
      }
    }
    setLocale('en');
  });

  it('names the fields, else what exactly was found', () => {
    expect(whereWords(finding)).toBe('Differs in: Total, Items');
    const later = { ...finding, fields: ['cashierName', 'fromTheFuture'] };
    expect(whereWords(later)).toBe('Differs in: Cashier, fromTheFuture');
    setLocale('de');
    expect(whereWords(later)).toBe('Abweichend: Kassenkraft, fromTheFuture');
    setLocale('en');
    expect(whereWords({ ...finding, fields: [] })).toBe('in words');
    expect(whereWords({ ...finding, kind: 'missing', fields: [] })).toBe('');
  });

  it('says of a sale that came late what that means and what to do, in both languages', () => {
    const late: Finding = { ...finding, kind: 'late', fields: [] };
    const words = {
      en: {
        open: [/after all.* counts there\. .*need a manager\.$/, /“Try again”.* counts once\./],
        dismissed: [/dismissed it.*after all.* counts there\.$/, /“Try again”.* refund it after/],
        decided: [/decided already.* once too often\.$/, /^Refund it once\.$/],
      },
      de: {
        open: [/doch noch.* zählt dort\. .*Leitung brauchen\.$/, /„Noch einmal .* zählt einmal\./],
        dismissed: [/zurückgestellt.*doch noch.* zählt dort\.$/, /„Noch einmal .* erstatten\.$/],
        decided: [/schon entschieden.* einmal zu viel\.$/, /^Ihn einmal erstatten\.$/],
      },
    } as const;
    for (const locale of ['en', 'de'] as const) {
      setLocale(locale);
      for (const standsHere of ['open', 'dismissed', 'decided'] as const) {
        const [what, then] = words[locale][standsHere];
        const one = { ...late, standsHere };
        expect(differWords(one)).toMatch(what);
        expect(whereWords(one)).toMatch(then);
        // The register's own English words are for support, and these say as much.
        expect(whereWords(one)).not.toContain(late.message);
      }
      // The buttons are called what the words call them.
      const retry = t('choice.retry');
      for (const standsHere of ['open', 'dismissed'] as const)
        expect(whereWords({ ...late, standsHere })).toContain(retry);
    }
    setLocale('en');
  });

  it('has a name for every field of a sale', () => {
    const rules = readFileSync('../firebase/firestore.rules', 'utf8');
    const lists = /saleRequired\(\) \{([\s\S]*?)\}\s*function saleOptional\(\) \{([\s\S]*?)\}/.exec(
      rules,
    );
    const fields = [...(lists?.[0] ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
    // Those that the cloud adds are never compared.
    const compared = fields.filter((name) => name !== 'storeId' && name !== 'createdAt');
    expect(compared.length).toBeGreaterThan(25);
    for (const name of compared) {
      const list = whereWords({ ...finding, fields: [name] }).replace('Differs in: ', '');
      expect(list).not.toBe(name);
      expect(list).not.toContain('{');
    }
  });

  it('is told of one sale, and of several, that it goes up again', () => {
    expect(t('books.sendIntro', { n: 1 })).toMatch(/^It goes up under the same id;/);
    expect(t('books.sendIntro', { n: 2 })).toMatch(/^They go up under the same ids;/);
  });

  it('counts what is explained beyond the list', () => {
    expect(explainedWords(report)).toBe('');
    const counts = {
      ...report.explainedCounts,
      waiting: 60,
      decidedElsewhere: 10,
      otherInstallation: 1,
    };
    const one = {
      kind: 'waiting' as const,
      receiptNumber: 'A-000001',
      saleId: 's',
      day: '2026-11-22',
      total: 1,
      note: null,
    };
    const many = { ...report, explainedCounts: counts, explained: Array(60).fill(one) };
    expect(explainedWords(many)).toContain('And 20 more');
    expect(explainedWords(many)).toContain('another installation');
  });
});

describe('what is known of the books', () => {
  const quiet: SyncStatus = new FakeFailures().status('quiet', 1);
  const gone: Finding = { ...finding, kind: 'missing', fields: [], canSend: true };
  const found = (findings: Finding[], change: Partial<ReconcileReport> = {}): ReconcileReport => ({
    ...report,
    clean: false,
    differences: findings.length,
    findings,
    sendable: findings.filter((one) => one.canSend).length,
    ...change,
  });

  it('is all well while nothing was found, compared or not', () => {
    setLocale('en');
    for (const known of [null, report]) {
      expect(headline(quiet, known)).toBe('All sales are in the cloud.');
      expect(statusWords(quiet, known).kind).toBe('good');
      expect(isWell(quiet, known)).toBe(true);
    }
  });

  it('goes before the claim that all is in the cloud', () => {
    setLocale('en');
    const known = found([gone]);
    expect(headline(quiet, known)).toBe('1 sale is missing in the cloud. It is safe here.');
    expect(statusWords(quiet, known)).toEqual({
      kind: 'bad',
      text: '1 sale is missing in the cloud',
    });
    expect(isWell(quiet, known)).toBe(false);
    expect(headline(quiet, found([gone, finding]))).toContain('2 differences');
    const unconnected = { ...quiet, state: 'localOnly' as const };
    expect(statusWords(unconnected, found([finding])).kind).toBe('bad');
  });

  it('does not call those missing that are beyond the list', () => {
    expect(openOf(found([gone], { differences: 7 }))).toEqual({ differences: 7, missing: false });
  });

  it('lets what was sent again wait like every other sale', () => {
    setLocale('en');
    const known = found([gone, finding], { sentAgain: 1 });
    expect(openOf(known)).toEqual({ differences: 1, missing: false });
    expect(isWell(quiet, found([gone], { sentAgain: 1 }))).toBe(true);
    const waits = { ...quiet, pending: 1 };
    expect(headline(waits, found([gone], { sentAgain: 1 }))).toContain('1 sale is waiting');
  });

  it('leaves a difference standing that could not be sent', () => {
    const cloudProblem = { code: 'cloud_unreachable' as const, message: '', details: null };
    expect(openOf(found([gone, gone], { sentAgain: 1, cloudProblem })).differences).toBe(2);
    expect(openOf(found([gone], { sentAgain: 0 })).differences).toBe(1);
  });
});
