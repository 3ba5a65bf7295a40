import type { Locale } from '../platform';
import { account as deAccount } from './de/account';
import { books as deBooks } from './de/books';
import { costs as deCosts } from './de/costs';
import { duplicates as deDuplicates } from './de/duplicates';
import { errors as deErrors } from './de/errors';
import { payment as dePayment } from './de/payment';
import { sync as deSync } from './de/sync';
import { till as deTill } from './de/till';
import { account } from './en/account';
import { books } from './en/books';
import { costs } from './en/costs';
import { duplicates } from './en/duplicates';
import { errors } from './en/errors';
import { payment } from './en/payment';
import { sync } from './en/sync';
import { till } from './en/till';
import type { Translated } from './message';

const en = {
  ...till,
  ...payment,
  ...sync,
  ...account,
  ...books,
  ...costs,
  ...duplicates,
  ...errors,
};
const de = {
  ...deTill,
  ...dePayment,
  ...deSync,
  ...deAccount,
  ...deBooks,
  ...deCosts,
  ...deDuplicates,
  ...deErrors,
};

/** English is the source: its keys and names in braces are the types. */
export type English = typeof en;

/** Every language's words. */
export const tables: Record<Locale, Translated<English>> = { en, de };
