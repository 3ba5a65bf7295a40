import type { MessageKey } from '../../i18n/index.svelte';

/** What a country's law and coins suggest. A store may choose otherwise. */
export interface Country {
  code: string;
  name: MessageKey;
  currency: string;
  pricesIncludeTax: boolean;
  taxRounding: 'line' | 'receipt';
  /** The smallest coin in minor units; `null`: cash is not rounded. */
  cashRounding: number | null;
  timeZone: string;
}

/**
 * Defaults by country. Cash rounding: Switzerland has no coin under five Rappen, Canada none under
 * five cents, Sweden none under one krona; Ireland and the Netherlands round to five cents at the
 * till by custom.
 */
export const COUNTRIES: readonly Country[] = [
  country('DE', 'EUR', 'Europe/Berlin'),
  country('AT', 'EUR', 'Europe/Vienna'),
  country('CH', 'CHF', 'Europe/Zurich', { cashRounding: 5 }),
  country('FR', 'EUR', 'Europe/Paris'),
  country('NL', 'EUR', 'Europe/Amsterdam', { cashRounding: 5 }),
  country('IE', 'EUR', 'Europe/Dublin', { cashRounding: 5 }),
  country('SE', 'SEK', 'Europe/Stockholm', { cashRounding: 100 }),
  country('GB', 'GBP', 'Europe/London'),
  country('US', 'USD', 'America/New_York', { pricesIncludeTax: false, taxRounding: 'receipt' }),
  country('CA', 'CAD', 'America/Toronto', {
    pricesIncludeTax: false,
    taxRounding: 'receipt',
    cashRounding: 5,
  }),
];

function country(
  code: 'AT' | 'CA' | 'CH' | 'DE' | 'FR' | 'GB' | 'IE' | 'NL' | 'SE' | 'US',
  currency: string,
  timeZone: string,
  unlike: Partial<Country> = {},
): Country {
  return {
    code,
    name: `country.${code}`,
    currency,
    pricesIncludeTax: true,
    taxRounding: 'line',
    cashRounding: null,
    timeZone,
    ...unlike,
  };
}

/** The country that the system's language and time zone speak for. */
export function guessCountry(language: string, timeZone: string): Country {
  const region = language.split('-')[1]?.toUpperCase();
  return (
    COUNTRIES.find((entry) => entry.timeZone === timeZone) ??
    COUNTRIES.find((entry) => entry.code === region) ??
    COUNTRIES[0] ??
    country('DE', 'EUR', 'Europe/Berlin')
  );
}
