import { errorText, locale, t } from '../../i18n/index.svelte';
import { ago, apart, clock } from '../../i18n/time';
import { formatDecimal } from '../../money';
import type {
  AppError,
  Choice,
  DiffRow,
  FailureKind,
  ReconcileReport,
  SyncStatus,
} from '../../platform';
import { app } from '../../till/app.svelte';
import { openOf } from './reconciling';

/** How a state looks: a shape and its colour. */
export type Kind = 'good' | 'wait' | 'bad' | 'plain';

/**
 * The status line: the most important thing first, honest about what waits, and about what the last proof of the
 * books found.
 */
export function statusWords(
  sync: SyncStatus | null,
  report: ReconcileReport | null = null,
): { kind: Kind; text: string } {
  if (!sync) return { kind: 'plain', text: t('status.unknown') };
  const waiting = sync.pending + sync.inFlight;
  const parts: string[] = [];
  if (sync.failedTotal > 0) parts.push(t('status.failed', { n: sync.failedTotal }));
  const open = openOf(report);
  if (open.differences > 0)
    parts.push(t(open.missing ? 'status.missing' : 'status.books', { n: open.differences }));
  const blocked = blockedWords(sync);
  if (blocked) parts.push(blocked);
  if (sync.state === 'offline') {
    if (waiting > 0) parts.push(t('status.waiting', { n: waiting }));
    const away = awayOf(sync.problem);
    parts.push(
      sync.offlineSince
        ? t(`status.${away}Since`, { time: clock(sync.offlineSince) })
        : t(`status.${away}`),
    );
    parts.push(t('status.goesOn'));
  } else if (waiting > 0) {
    parts.push(
      sync.inFlight > 0 || sync.state === 'syncing'
        ? t('status.syncing', { n: waiting })
        : t('status.waiting', { n: waiting }),
    );
  }
  if (sync.problem?.code === 'prefix_shared')
    parts.push(t('status.prefixShared', { prefix: detailOf(sync.problem, 'prefix') }));
  const unseen = unseenOf(sync.problem);
  const all =
    sync.dismissedTotal > 0
      ? t('status.allBut', { n: sync.dismissedTotal })
      : t('status.allSynced');
  if (unseen) parts.push(...(parts.length > 0 ? [] : [all]), t(`status.unseen.${unseen}`));
  if (sync.failedTotal > 0 || open.differences > 0) return { kind: 'bad', text: parts.join(' · ') };
  if (sync.state === 'localOnly') return { kind: 'plain', text: t('status.localOnly') };
  if (parts.length > 0) return { kind: 'wait', text: parts.join(' · ') };
  if (sync.dismissedTotal > 0) return { kind: 'plain', text: all };
  return {
    // With a problem that the line has no words for, the panel has some.
    kind: sync.problem ? 'wait' : 'good',
    text: sync.lastSyncedAt
      ? t('status.lastAt', { text: all, time: clock(sync.lastSyncedAt) })
      : all,
  };
}

/** What `offline` is about: the way to the cloud, its load, its silence, or that it refuses to be asked. */
function awayOf(problem: AppError | null): 'offline' | 'busy' | 'silent' | 'refused' {
  switch (problem?.code) {
    case 'cloud_refused':
      return detailOf(problem, 'about') === 'busy' ? 'busy' : 'refused';
    case 'timeout':
      return 'silent';
    default:
      return 'offline';
  }
}

/** What the cloud refuses to be asked beside the sales, which go up all the same. */
function unseenOf(problem: AppError | null): 'numbers' | 'duplicates' | 'others' | null {
  const about = problem ? detailOf(problem, 'about') : '';
  return about === 'numbers' || about === 'duplicates' || about === 'others' ? about : null;
}

function blockedWords(sync: SyncStatus): string | null {
  switch (sync.state) {
    case 'signInNeeded':
      return t('status.signIn');
    case 'identityNeeded':
      return t('status.identity');
    case 'notAllowed':
      return t('status.notAllowed');
    case 'paused':
      return t('status.paused');
    default:
      return null;
  }
}

/** What stops it: a register that cannot write sells nothing either; of all else it is only the sync that stands. */
function stoppedBy(problem: AppError | null): 'diskFull' | 'database' | 'paused' {
  switch (problem?.code) {
    case 'disk_full':
      return 'diskFull';
    case 'database_failed':
    case 'database_locked':
    case 'database_read_only':
      return 'database';
    default:
      return 'paused';
  }
}

/** The one sentence on top of the panel; what needs somebody goes before what only waits. */
export function headline(sync: SyncStatus, report: ReconcileReport | null = null): string {
  if (sync.failedTotal > 0) return t('sync.failedHead', { n: sync.failedTotal });
  const open = openOf(report);
  switch (sync.state) {
    case 'signInNeeded':
      return t('sync.signInHead');
    case 'identityNeeded':
      return t('sync.identityHead');
    case 'notAllowed':
      return t('sync.notAllowedHead');
    case 'paused':
      return t(`sync.${stoppedBy(sync.problem)}Head`);
  }
  if (open.differences > 0)
    return t(open.missing ? 'sync.missingHead' : 'sync.booksHead', { n: open.differences });
  if (sync.state === 'localOnly') return t('sync.localHead');
  if (sync.state === 'offline') return t(`sync.${awayOf(sync.problem)}Head`);
  const waiting = sync.pending + sync.inFlight;
  if (waiting > 0) return t('sync.waitingHead', { n: waiting });
  if (sync.dismissedTotal > 0) return t('sync.allButHead', { n: sync.dismissedTotal });
  return t(sync.lastSyncedAt ? 'sync.allHead' : 'sync.readyHead');
}

/** Whether nobody has to do anything; the lists of failed sales and of warnings apart. */
export function isWell(sync: SyncStatus, report: ReconcileReport | null): boolean {
  if (openOf(report).differences > 0) return false;
  switch (sync.state) {
    case 'localOnly':
      return true;
    case 'offline':
      // A quota is raised by somebody, a network comes back by itself.
      return sync.problem?.code !== 'cloud_refused';
    case 'idle':
    case 'syncing':
      return sync.problem === null;
    default:
      return false;
  }
}

/** Why the sync does not simply go on: in our words, and for whoever looks after the cloud in its own. */
export function problemWords(problem: AppError): { text: string; said: string } {
  const said = detailOf(problem, 'said');
  return {
    text: ourWords(problem),
    said: said ? t('sync.said', { words: said }) : '',
  };
}

function ourWords(problem: AppError): string {
  const unseen = unseenOf(problem);
  if (unseen) return t(`sync.refused.${unseen}`);
  // An error's own words are about a sale that is being paid.
  const stopped = stoppedBy(problem);
  if (stopped !== 'paused') return t(`sync.${stopped}`);
  switch (problem.code) {
    // An error's own words are for whoever asked and may ask again; the sync does so by itself.
    case 'cloud_refused':
      return t(awayOf(problem) === 'busy' ? 'sync.busy' : 'sync.refused');
    case 'timeout':
      return t('sync.silent');
    default:
      return errorText(problem);
  }
}

/** Why nobody was signed in: a manager stands there, and nothing goes on by itself. */
export function signInWords(problem: AppError): string {
  switch (problem.code) {
    case 'cloud_unreachable':
    case 'timeout':
      return t('account.unreachable');
    case 'cloud_refused':
      return t('account.trouble');
    case 'account_disabled':
      return t('account.disabled');
    case 'not_permitted':
      return t('account.noManager');
    default:
      return errorText(problem);
  }
}

/** Why the register was not connected: sales that are in another store, may be, or lost there are counted. */
export function connectWords(problem: AppError, from = '', to = ''): string {
  if (problem.code === 'unsynced_sales')
    return t('connect.wait', { n: waitingOf(problem), store: from, to });
  if (problem.code !== 'sales_elsewhere') return errorText(problem);
  const undecided = Number(detailOf(problem, 'undecided'));
  if (undecided) return t('connect.undecided', { n: undecided });
  const [there, perhaps] = [detailOf(problem, 'sales'), detailOf(problem, 'tried')].map(Number);
  const parts: string[] = [];
  if (there) parts.push(t('connect.there', { n: there }));
  if (perhaps) parts.push(t('connect.perhaps', { n: perhaps }));
  return [...parts, t('connect.switch')].join(' ');
}

/** How many uploads wait, of an error that says so. */
export function waitingOf(problem: AppError): number {
  return Number(detailOf(problem, 'waiting'));
}

function detailOf({ details }: AppError, name: string): string {
  const found = typeof details === 'object' && details !== null && name in details;
  return found ? String((details as Record<string, unknown>)[name]) : '';
}

/** The register that printed this one's receipt numbers first, where there is one. */
export function printedBefore(sync: SyncStatus | null): string | null {
  return sync?.problem?.code === 'prefix_shared' ? detailOf(sync.problem, 'register') : null;
}

/** What the sync has found that speaks for an identity of its own. */
export function doubtOf(sync: SyncStatus | null): 'reused' | 'elsewhere' | 'shared' | null {
  if (printedBefore(sync) !== null) return 'shared';
  if (sync?.state !== 'identityNeeded' || !sync.problem) return null;
  return detailOf(sync.problem, 'reason') === 'otherInstallation' ? 'elsewhere' : 'reused';
}

/** The line under the sentence: when something last arrived, what waits, what comes next. */
export function subline(sync: SyncStatus, nowMs: number): string {
  const parts: string[] = [];
  if (sync.state !== 'localOnly') {
    parts.push(
      sync.lastSyncedAt ? t('sync.last', { ago: ago(sync.lastSyncedAt, nowMs) }) : t('sync.never'),
    );
    if (sync.pending + sync.inFlight === 0) parts.push(t('sync.nothingWaits'));
  }
  if (sync.nextAttemptAt) parts.push(t('sync.next', { time: clock(sync.nextAttemptAt, true) }));
  return parts.join(' · ');
}

const CLOCK_WORTH_A_WORD_MS = 60_000;

/** Of a clock that was off when a sale last went up: the sync minds it little, whoever reads a receipt does. */
export function clockWords(sync: SyncStatus): string | null {
  const offset = sync.clockOffsetMs;
  if (sync.state === 'localOnly' || offset === null) return null;
  if (offset <= CLOCK_WORTH_A_WORD_MS && offset >= -CLOCK_WORTH_A_WORD_MS) return null;
  const time = apart(offset);
  return t(offset > 0 ? 'sync.clockAhead' : 'sync.clockBehind', { time });
}

/** What stands under “Nothing needs you.”: never nothing. */
export function emptyWords(sync: SyncStatus, nowMs: number): string {
  if (sync.state === 'localOnly') return t('sync.emptyLocal');
  if (!sync.lastSyncedAt) return t('sync.emptyNone');
  const last = ago(sync.lastSyncedAt, nowMs);
  // After a decision it may be no sale under its own id that arrived last, or ever.
  return sync.syncedTotal > 0
    ? t('sync.emptyBody', { n: sync.syncedTotal, ago: last })
    : t('sync.emptyLast', { ago: last });
}

/** What a choice does, in sentences: stock and drawer first, then what else there is to know. */
export function effectWords(choice: Choice, kind: FailureKind): string[] {
  if (!choice.available) return [unavailableWords(choice, kind)];
  const { stock, money, notes } = choice.effects;
  const said: string[] = [];
  if (stock.length > 0) {
    const list = stock
      .map(({ name, quantity, unit }) => {
        const figure = formatDecimal(quantity, locale());
        const signed = quantity.startsWith('-') || quantity.startsWith('+') ? figure : `+${figure}`;
        return `${name} ${signed}${unit === 'kg' ? ` ${t('unit.kg')}` : ''}`;
      })
      .join(', ');
    said.push(t('choice.stockIfShelf', { list }));
  }
  for (const { method, amount } of money) {
    const positive = app.money(amount < 0 ? -amount : amount);
    said.push(
      method === 'cash'
        ? t('choice.drawer', { amount: positive })
        : t('choice.otherMoney', { method: t(`method.${method}`), amount: positive }),
    );
  }
  if (stock.length === 0 && money.length === 0) said.push(t('choice.bothStay'));
  else if (stock.length === 0) said.push(t('choice.stockNone'));
  else if (money.length === 0) said.push(t('choice.moneyNone'));
  const more = notes.map(noteWords).filter((words) => words !== null);
  return more.length > 0 ? [...said, more.join(' ')] : said;
}

/** Why a choice cannot be taken: in our words where we know the case, else in Rust’s. */
function unavailableWords(choice: Choice, kind: FailureKind): string {
  if (choice.earlier) return t('unavailable.earlier');
  if (choice.choice === 'keepCloud' && kind === 'numberReused') {
    return t('unavailable.keepCloud.numberReused');
  }
  if (choice.choice === 'keepCloud' && kind === 'refused')
    return t('unavailable.keepCloud.refused');
  if (choice.choice === 'recordSeparately' && kind === 'refused') {
    return t('unavailable.recordSeparately.refused');
  }
  return t('choice.notAvailable', { reason: choice.unavailable ?? '' });
}

function noteWords(code: string): string | null {
  switch (code) {
    case 'bothCount':
    case 'staysLocal':
    case 'sameIdAgain':
    case 'realConflictStays':
    case 'printedNumberStays':
    case 'reversalTakesNextNumber':
    case 'cloudUntouched':
    case 'notInCloudTotals':
      return t(`note.${code}`);
    default:
      return null;
  }
}

/** Whether a row is marked as a difference. Taxes that differ because the lines do say nothing of their own. */
export function isMarked(row: DiffRow, rows: readonly DiffRow[]): boolean {
  if (!row.differs) return false;
  return row.part !== 'tax' || !rows.some((other) => other.part === 'line' && other.differs);
}
