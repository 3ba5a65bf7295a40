import { has, t } from '../../i18n/index.svelte';
import type { Finding, ReconcileReport } from '../../platform';
import { app } from '../../till/app.svelte';

/** What the last proof of the books found and nobody has mended since. */
export interface Open {
  differences: number;
  /** Whether all of them are sales that the cloud does not have. */
  missing: boolean;
}

/** What still stands of a report. What was sent again waits by now, and is counted there. */
export function openOf(report: ReconcileReport | null): Open {
  if (!report) return { differences: 0, missing: false };
  const sent = (report.sentAgain ?? 0) > 0 && !report.cloudProblem;
  const findings = report.findings.filter((finding) => !(sent && finding.canSend));
  const differences = report.differences - (sent ? report.sendable : 0);
  // Of those beyond the list nothing is said.
  const all = findings.length > 0 && findings.length === differences;
  return {
    differences,
    missing: all && findings.every(({ kind, place }) => kind === 'missing' && place === 'cloud'),
  };
}

/** What was compared, with its figures. */
export function cleanWords(report: ReconcileReport): string {
  const figures = {
    receipts: report.receipts,
    total: app.money(report.total),
    days: report.days,
    links: report.links,
  };
  const compared = report.cloudCompared
    ? t('books.compared', {
        ...figures,
        cloud: report.registers.reduce((sum, register) => sum + register.inCloud, 0),
      })
    : t('books.comparedHere', figures);
  if (!report.cloudCompared) return compared;
  return `${compared} ${readWords(report)}`;
}

/** What of the cloud was read. Whoever asked for every document is told of every one, also where there is none. */
function readWords({
  everyDocument,
  documentsRead: n,
  billedReads: reads,
}: ReconcileReport): string {
  if (everyDocument)
    return n === 0 ? t('books.readEveryNone', { reads }) : t('books.readEvery', { n, reads });
  return n === 0 ? t('books.readNone', { reads }) : t('books.readSome', { n, reads });
}

/** What is wrong, in a sentence. */
export function differWords(finding: Finding): string {
  const { kind, place } = finding;
  switch (kind) {
    case 'missing':
      return t(`books.missing.${place}`);
    case 'doubled':
      return t('books.doubled');
    case 'differs':
      return t(`books.differs.${place}`);
    case 'unreadable':
      return t('books.unreadable');
    case 'newerSchema':
      return t('books.newerSchema');
    case 'late':
      return t(`books.late.${finding.standsHere ?? 'open'}`);
  }
}

/** Which fields differ, or what is to be done; otherwise, for support, what exactly was found. */
export function whereWords(finding: Finding): string {
  if (finding.kind === 'late') return t(`books.lateDo.${finding.standsHere ?? 'open'}`);
  // There is no more to say about a receipt than that.
  const all = finding.place === 'cloud' || finding.place === 'journal';
  if (finding.kind === 'missing' && all && finding.receiptNumber) return '';
  return finding.fields.length > 0
    ? t('books.fields', { list: [...new Set(finding.fields.map(fieldName))].join(', ') })
    : finding.message;
}

/** What a field of the record is called; one of a later version has no other name than its own. */
function fieldName(field: string): string {
  const key = `diff.${field}`;
  return has(key) ? t(key as 'diff.total') : field;
}

/** How many are explained beyond those that are listed. */
export function explainedWords(report: ReconcileReport): string {
  const { otherInstallation, ...listable } = report.explainedCounts;
  const listed = report.explained.length > 50 ? 50 : report.explained.length;
  const more = Object.values(listable).reduce((sum, n) => sum + n, 0) - listed;
  const said: string[] = [];
  if (more > 0) said.push(t('books.more', { n: more }));
  if (otherInstallation > 0) said.push(t('books.otherInstallation', { n: otherInstallation }));
  return said.join(' ');
}
