import type { Density, Theme } from '../platform';

const dark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
const contrast = typeof matchMedia === 'function' ? matchMedia('(prefers-contrast: more)') : null;

/** The colours in use: what was chosen, or what the system asks for. */
export function resolveTheme(theme: Theme): Exclude<Theme, 'system'> {
  if (theme !== 'system') return theme;
  if (contrast?.matches) return 'contrast';
  return dark?.matches ? 'dark' : 'light';
}

/** Dresses the document; follows the system until the returned function is called. */
export function dress(theme: Theme, density: Density): () => void {
  const root = document.documentElement;
  const apply = (): void => {
    root.dataset['theme'] = resolveTheme(theme);
    root.dataset['density'] = density;
  };
  apply();
  dark?.addEventListener('change', apply);
  contrast?.addEventListener('change', apply);
  return () => {
    dark?.removeEventListener('change', apply);
    contrast?.removeEventListener('change', apply);
  };
}

const HUES = 8;
const STEPS = ['b', 'a', 'c'] as const;

/** The colour of the n-th category: eight hues, then the same in another lightness. */
export function categoryColour(index: number): string {
  const hue = (index % HUES) + 1;
  const step = STEPS[Math.floor(index / HUES) % STEPS.length] ?? 'a';
  return `var(--cat-${hue}-${step})`;
}
