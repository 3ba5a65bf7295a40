import type { Locale } from '../platform';
import type { TillError } from '../platform';
import { formatDecimal } from '../money';
import { fill, type Message, type Params } from './message';
import { tables, type English } from './tables';

/** The name of a message. */
export type MessageKey = keyof English;

type Values<K extends MessageKey> = [Params<English[K]>] extends [never]
  ? []
  : [values: Readonly<Record<Params<English[K]>, string | number>>];

const state = $state<{ locale: Locale }>({ locale: guessLocale() });
const plurals: Record<Locale, Intl.PluralRules> = {
  en: new Intl.PluralRules('en'),
  de: new Intl.PluralRules('de'),
};

/** What the system speaks, as far as we do. */
export function guessLocale(): Locale {
  const language = typeof navigator === 'undefined' ? 'en' : navigator.language;
  return language.toLowerCase().startsWith('de') ? 'de' : 'en';
}

/** The language in use. */
export function locale(): Locale {
  return state.locale;
}

/** Changes the language of the whole window at once. */
export function setLocale(next: Locale): void {
  state.locale = next;
  if (typeof document !== 'undefined') document.documentElement.lang = next;
}

/** A message in the language in use. Plural entries choose by `n`. */
export function t<K extends MessageKey>(key: K, ...values: Values<K>): string {
  const message: Message = tables[state.locale][key];
  const given: Record<string, string | number> = values[0] ?? {};
  const n = Number(given['n'] ?? 0);
  const written = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'number' ? formatDecimal(String(value), state.locale) : value,
    ]),
  );
  if (typeof message === 'string') return fill(message, written);
  const form = plurals[state.locale].select(n) === 'one' ? 'one' : 'other';
  return fill(message[form], written);
}

/** Whether there is a message of this name; codes from Rust may be newer than the words. */
export function has(key: string): key is MessageKey {
  return key in tables.en;
}

/**
 * An error in the words of the language in use: of what it is about where there are such, else of its code; Rust's own
 * words where its code has none yet.
 */
export function errorText(
  error: Pick<TillError, 'code' | 'message'> & Partial<Pick<TillError, 'details'>>,
): string {
  const details = texts(error.details);
  const keys = [`error.${error.code}.${details['about'] ?? ''}`, `error.${error.code}`];
  const key = keys.find(has);
  if (key === undefined) return error.message;
  return (t as (key: string, values: Record<string, string>) => string)(key, details);
}

/** The texts among an error's details: words may name them. */
function texts(details: unknown): Record<string, string> {
  if (typeof details !== 'object' || details === null) return {};
  const all = Object.entries(details as Record<string, unknown>);
  return Object.fromEntries(
    all.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
