import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Vitest empties imported style sheets, so it is read from disk. */
const css = readFileSync('src/theme/tokens.css', 'utf8');

type Tokens = Record<string, string>;

/** The tokens of one theme, on top of those of the first block. */
function theme(name: string): Tokens {
  const block = new RegExp(`\\[data-theme='${name}'\\] \\{([\\s\\S]*?)\\n\\}`).exec(css)?.[1] ?? '';
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]),
  );
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** Everything that is written on something: 4.5 to 1. */
const TEXT: [string, string[]][] = [
  ['ink', ['paper', 'sheet', 'hover', 'wait-fill', 'bad-wash']],
  ['ink-soft', ['paper', 'sheet', 'hover']],
  ['paper', ['ink']],
  ['on-action', ['action', 'action-hover']],
  ['on-bad', ['bad-fill']],
  ['good', ['paper', 'sheet', 'hover']],
  ['wait', ['paper', 'sheet', 'hover', 'wait-fill']],
  ['bad', ['paper', 'sheet', 'hover', 'bad-wash']],
];

/** Edges of controls, rings and marks: 3 to 1. */
const MARKS: [string, string[]][] = [
  ['line', ['paper', 'sheet']],
  ['focus', ['paper', 'sheet']],
  ['good', ['paper', 'sheet']],
  ['wait', ['paper', 'sheet', 'wait-fill']],
  ['bad-fill', ['paper', 'sheet', 'hover']],
  ['action', ['paper', 'sheet']],
];

describe.each(['light', 'dark', 'contrast'])('the %s theme', (name) => {
  const tokens = theme(name);
  const pairs = (list: [string, string[]][]): [string, string][] =>
    list.flatMap(([on, under]) => under.map((below): [string, string] => [on, below]));
  const ratio = (a: string, b: string): number => contrast(tokens[a] ?? '', tokens[b] ?? '');

  it.each(pairs(TEXT))('writes %s on %s at 4.5 to 1 or more', (on, under) => {
    expect(ratio(on, under)).toBeGreaterThanOrEqual(name === 'contrast' ? 7 : 4.5);
  });

  it.each(pairs(MARKS))('draws %s on %s at 3 to 1 or more', (on, under) => {
    expect(ratio(on, under)).toBeGreaterThanOrEqual(3);
  });

  const categories = Object.keys(tokens).filter((token) => token.startsWith('cat-'));

  it('has eight hues of categories in three steps of lightness', () => {
    expect(categories).toHaveLength(24);
  });

  it.each(categories)('draws %s on the sheet at 3 to 1 or more', (token) => {
    expect(ratio(token, 'sheet')).toBeGreaterThanOrEqual(3);
  });

  it('tells good from bad by lightness too', () => {
    const [light = 0, dark = 0] = [luminance(tokens['good'] ?? ''), luminance(tokens['bad'] ?? '')];
    expect(tokens['good']).not.toBe(tokens['bad']);
    expect(Math.abs(light - dark)).toBeGreaterThan(0.005);
  });
});

describe('the rest of the window', () => {
  const sources = import.meta.glob('../../src/**/*.{svelte,css}', {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const others = Object.entries(sources).filter(([path]) => !path.endsWith('tokens.css'));

  it('names no colour of its own', () => {
    const named = others.filter(([, text]) =>
      /(#[0-9a-f]{3,8}\b(?=[;,) ])|\brgba?\(|\bhsla?\(|\boklch\()/i.test(
        text.replace(/\{#\w+|\{\/\w+/g, ''),
      ),
    );
    expect(named.map(([path]) => path)).toEqual([]);
  });

  it('has no font size of its own', () => {
    const sized = others.filter(([path, text]) => {
      if (path.endsWith('base.css')) return false;
      return /font-size: (?!var\(--t\d\d\))/.test(text);
    });
    expect(sized.map(([path]) => path)).toEqual([]);
  });

  it('keeps nothing under 15 px', () => {
    expect(others.filter(([, text]) => text.includes('var(--t13)')).map(([path]) => path)).toEqual(
      [],
    );
  });

  it('speaks to the shell only through the platform', () => {
    const modules = import.meta.glob('../../src/**/*.{ts,svelte}', {
      query: '?raw',
      import: 'default',
      eager: true,
    }) as Record<string, string>;
    const importers = Object.entries(modules)
      .filter(([, text]) => text.includes('@tauri-apps/'))
      .map(([path]) => path.replace('../../src/', ''))
      .filter((path) => !path.startsWith('platform/') && !path.startsWith('generated/'));
    expect(importers).toEqual([]);
  });
});
