import { locale, t } from '../../i18n/index.svelte';
import { about } from '../../i18n/time';
import { formatDecimal } from '../../money';
import type { SyncPhase, SyncProgress } from '../../platform';

/** How a backlog shrinks, in one sentence; what is not known is not guessed. */
export function progressWords(progress: SyncProgress, state: SyncPhase): string {
  const { landed, waiting, perSecond, secondsLeft } = progress;
  const all = landed + waiting;
  if (perSecond !== null && secondsLeft !== null) {
    const rate = formatDecimal(perSecond, locale());
    return t('progress.going', { landed, all, rate, time: about(secondsLeft) });
  }
  if (state !== 'syncing') return t('progress.unknown', { waiting });
  // Who only looks on at another program's sync does not know what it has done.
  return landed > 0 ? t('progress.begun', { landed, all }) : t('progress.notYet', { waiting });
}
