import { describe, expect, it } from 'vitest';
import { setLocale } from '../../src/i18n/index.svelte';
import type { Finding, ReconcileReport } from '../../src/platform';
import {
  cleanWords,
  differWords,
  explainedWords,
  whereWords,
} from '../../src/features/sync/reconciling';

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

  it('says nothing of the cloud where it was not compared', () => {
    const alone = cleanWords({ ...report, cloudCompared: false });
    expect(alone).not.toContain('cloud');
  });

  it('has words for everything that can be found, in both languages', () => {
    for (const locale of ['en', 'de'] as const) {
      setLocale(locale);
      for (const kind of ['missing', 'doubled', 'differs', 'unreadable', 'newerSchema'] as const) {
        for (const place of ['register', 'journal', 'cloud'] as const) {
          expect(differWords({ ...finding, kind, place })).toMatch(/\.$/);
        }
      }
    }
    setLocale('en');
  });

  it('names the fields, else what exactly was found', () => {
    expect(whereWords(finding)).toBe('Differs in: total, lines');
    expect(whereWords({ ...finding, fields: [] })).toBe('in words');
    expect(whereWords({ ...finding, kind: 'missing', fields: [] })).toBe('');
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
