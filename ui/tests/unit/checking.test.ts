import { clearMocks, mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppError, ReconcileInput, ReconcileReport } from '../../src/platform';
import { books } from '../../src/till/books.svelte';

const everything: ReconcileInput = {
  from: null,
  to: null,
  everyDocument: false,
  sendMissing: null,
};
const clean = { clean: true, findings: [] } as unknown as ReconcileReport;
const found = { clean: false, findings: [] } as unknown as ReconcileReport;

/** Ends the check that is under way. */
let answer: (report: ReconcileReport) => void;
let refuse: (error: AppError) => void;

beforeEach(() => {
  mockWindows('main');
  mockIPC(
    (command) => {
      if (command !== 'reconcile') throw new Error(`nobody asks for ${command}`);
      return new Promise<ReconcileReport>((resolve, reject) => {
        [answer, refuse] = [resolve, reject];
      });
    },
    { shouldMockEvents: true },
  );
});
afterEach(() => {
  books.forget();
  clearMocks();
});

describe('a check of the books', () => {
  it('is remembered with its time', async () => {
    const check = books.check(everything);
    expect(books.busy).toBe(true);
    answer(clean);
    await check;
    expect(books.report).toEqual(clean);
    expect(books.at).not.toBeNull();
    expect(books.busy).toBe(false);
  });

  it('says nothing of the register that became another one meanwhile', async () => {
    const check = books.check(everything);
    books.forget();
    answer(found);
    await check;
    expect(books.report).toBeNull();
    expect(books.at).toBeNull();
    expect(books.busy).toBe(false);

    const next = books.check(everything);
    answer(clean);
    await next;
    expect(books.report).toEqual(clean);
  });

  it('fails for nobody who was forgotten', async () => {
    const check = books.check(everything);
    books.forget();
    refuse({ code: 'register_changed', message: 'it changed', details: null });
    await check;
    expect(books.problem).toBeNull();
  });

  it('forgets the report before when another program has changed the register', async () => {
    const first = books.check(everything);
    answer(found);
    await first;
    const second = books.check(everything);
    refuse({ code: 'register_changed', message: 'it changed', details: null });
    await second;
    expect(books.report).toBeNull();
    expect(books.problem?.code).toBe('register_changed');

    const third = books.check(everything);
    answer(clean);
    await third;
    expect(books.problem).toBeNull();
    const fourth = books.check(everything);
    refuse({ code: 'internal', message: 'a fault', details: null });
    await fourth;
    expect(books.problem?.code).toBe('internal');
    expect(books.report).toEqual(clean);
  });
});
