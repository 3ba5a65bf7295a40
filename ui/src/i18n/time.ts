import { locale, t } from './index.svelte';

const DAY_MS = 86_400_000;

/** `14:02`, or with seconds `14:02:11`. */
export function clock(iso: string, seconds = false): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** `today 14:02`, `yesterday 09:12`, `3 Nov 14:02`. */
export function dayAndClock(iso: string, nowMs: number): string {
  const time = new Date(iso);
  const days = Math.round((startOfDay(nowMs) - startOfDay(time.getTime())) / DAY_MS);
  if (days === 0) return `${t('common.today')} ${clock(iso)}`;
  if (days === 1) return `${t('common.yesterday')} ${clock(iso)}`;
  const day = new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), {
    day: 'numeric',
    month: 'short',
    ...(days > 300 ? { year: 'numeric' } : {}),
  }).format(time);
  return `${day} ${clock(iso)}`;
}

/** `22 November 2026, 14:02`, for receipts. */
export function longDate(iso: string): string {
  return new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

/** `12 seconds ago`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000));
  if (seconds < 3) return t('common.now');
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'always' });
  if (seconds < 60) return relative.format(-seconds, 'second');
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

/** `20 seconds`, `3 minutes`: coarse, because it is an estimate that somebody reads while it changes. */
export function about(seconds: number): string {
  if (seconds <= 10) return inUnits(Math.max(seconds, 1), 'second');
  if (seconds < 120) return inUnits(Math.ceil(seconds / 10) * 10, 'second');
  if (seconds < 7200) return inUnits(Math.ceil(seconds / 60), 'minute');
  return inUnits(Math.ceil(seconds / 3600), 'hour');
}

/** `5 minutes`, `3 hours`, `2 days`: how far apart two clocks are. */
export function apart(ms: number): string {
  const minutes = Math.max(Math.round(Math.abs(ms) / 60_000), 1);
  if (minutes < 120) return inUnits(minutes, 'minute');
  if (minutes < 1440) return inUnits(Math.round(minutes / 60), 'hour');
  return inUnits(Math.round(minutes / 1440), 'day');
}

function inUnits(n: number, unit: 'second' | 'minute' | 'hour' | 'day'): string {
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(locale(), style).format(n);
}

/** `November 2026`, from `2026-11`. */
export function monthAndYear(month: string): string {
  return new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${month}-01T00:00:00Z`));
}

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}
