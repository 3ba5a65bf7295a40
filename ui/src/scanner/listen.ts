import { DEFAULT_TIMING, ScanDetector, type ScanTiming } from './detector';

/** What a scanner's characters would have overwritten. */
interface Before {
  field: HTMLInputElement | HTMLTextAreaElement;
  value: string;
}

/** A text field that keeps nothing of a scan, not even what stood in it before. */
export const SCAN_FIELD = 'data-scan-field';

/**
 * Listens for scans on a window, wherever the focus is. The characters have reached the focused
 * field by the time the end key proves that it was a scanner, so the field gets back what it held
 * before; the end key reaches nobody.
 *
 * Returns the function that stops it.
 */
export function listenForScans(
  target: Window,
  onScan: (code: string) => void,
  timing: ScanTiming = DEFAULT_TIMING,
): () => void {
  const detector = new ScanDetector(timing);
  // What the focused field held when the run began, and when it went on after its last pause.
  let beforeRun: Before | null = null;
  let before: Before | null = null;

  function keydown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.ctrlKey || event.metaKey || (event.altKey && event.key.length > 1)) {
      detector.reset();
      return;
    }
    const verdict = detector.key(event.key, event.timeStamp);
    if (verdict.kind === 'character' && verdict.first) {
      before = snapshot(target.document);
      if (!verdict.stalled) beforeRun = before;
    }
    if (verdict.kind !== 'scan') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    restore(verdict.stalled ? beforeRun : before);
    before = beforeRun = null;
    onScan(verdict.code.trim());
  }

  // Whoever presses a key on the screen types: what came before belongs to no scan.
  function pressed(): void {
    detector.reset();
  }

  target.addEventListener('keydown', keydown, { capture: true });
  target.addEventListener('pointerdown', pressed, { capture: true });
  return () => {
    target.removeEventListener('keydown', keydown, { capture: true });
    target.removeEventListener('pointerdown', pressed, { capture: true });
  };
}

function snapshot(document: Document): Before | null {
  const field = document.activeElement;
  const isField = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (!isField) return null;
  return { field, value: field.hasAttribute(SCAN_FIELD) ? '' : field.value };
}

function restore(before: Before | null): void {
  if (!before || before.field.value === before.value) return;
  before.field.value = before.value;
  before.field.dispatchEvent(new Event('input', { bubbles: true }));
}
