import { mockIPC, clearMocks, mockWindows } from '@tauri-apps/api/mocks';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Payment from '../../src/features/payment/Payment.svelte';
import { keys } from '../../src/keys';
import { listenForScans } from '../../src/scanner';
import { testids } from '../../src/testids';
import { app } from '../../src/till/app.svelte';
import { cart } from '../../src/till/cart.svelte';
import { payment } from '../../src/till/payment.svelte';
import { FakeShell } from '../preview/shell';

/** jsdom knows the element but not its methods. */
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.open = true;
};
Element.prototype.scrollIntoView = () => {};

let shell: FakeShell;
let stops: (() => void)[];
let dialog: Record<string, unknown> | null;

beforeEach(async () => {
  mockWindows('main');
  shell = new FakeShell(new URLSearchParams('scene=quiet'));
  mockIPC((command, args) => shell.invoke(command, args as Record<string, unknown>), {
    shouldMockEvents: true,
  });
  stops = [await app.start(), await cart.start(), keys.listen(window)];
  cart.scan('BA001');
  await cart.settled();
  await payment.begin();
  dialog = mount(Payment, { target: document.body });
  flushSync();
});
afterEach(async () => {
  if (dialog) await unmount(dialog);
  for (const stop of stops) stop();
  payment.open = false;
  payment.sale = null;
  // Listeners are taken off a moment later.
  await new Promise((resolve) => setTimeout(resolve));
  clearMocks();
  document.body.replaceChildren();
});

function part(testid: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
  if (!found) throw new Error(`there is no ${testid}`);
  return found;
}
function press(
  key: string,
  more: KeyboardEventInit = {},
  on: EventTarget = document.body,
): boolean {
  return on.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
}
const checkouts = (): number => shell.calls.filter((call) => call === 'process_checkout').length;
const quiet = (): Promise<void> => vi.waitFor(() => expect(payment.busy).toBe(false));

describe('the payment dialog', () => {
  it('shows what is due', () => {
    expect(part(testids.amountDue).textContent).toContain('4.20');
  });

  it('asks what waits before it shows the receipt', async () => {
    const shown: boolean[] = [];
    mockIPC(
      (command, args) => {
        if (command === 'sync_status') shown.push(payment.sale !== null);
        return shell.invoke(command, args as Record<string, unknown>);
      },
      { shouldMockEvents: true },
    );
    press('F2');
    await vi.waitFor(() => expect(payment.sale).not.toBeNull());
    expect(shown).toEqual([false]);
  });

  it('completes the sale once, however often the key is pressed', async () => {
    press('F2');
    press('F2');
    press('F2', { repeat: true });
    await quiet();
    await vi.waitFor(() => expect(payment.sale).not.toBeNull());
    press('F2');
    await payment.complete();
    expect(checkouts()).toBe(1);
    expect(payment.sale?.changeDue).toBe(0);
  });

  it('takes no money by Enter, not even on a key that takes money', async () => {
    expect(press('Enter', {}, part(testids.tenderCashExact))).toBe(false);
    expect(press('Enter', {}, part(testids.tenderAmount))).toBe(false);
    await quiet();
    expect(payment.tenders).toEqual([]);
    expect(checkouts()).toBe(0);
    flushSync();
    expect(document.body.textContent).toContain('Enter alone does not pay');
  });

  it('takes no money by the second tap of a double tap on Pay', async () => {
    const key = part(testids.tenderCashExact);
    key.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 2 }));
    await quiet();
    expect(checkouts()).toBe(0);
  });

  it('takes no money by a scan', async () => {
    const scans: string[] = [];
    stops.push(listenForScans(window, (code) => scans.push(code)));
    const field = part(testids.tenderAmount) as HTMLInputElement;
    field.focus();
    let at = performance.now();
    for (const key of [...'4006381333931', 'Enter']) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: (at += 3) });
      if (field.dispatchEvent(event) && key.length === 1) field.value += key;
    }
    await quiet();
    expect(scans).toEqual(['4006381333931']);
    expect(field.value).toBe('');
    expect(payment.tenders).toEqual([]);
    expect(checkouts()).toBe(0);
  });

  it('splits: what does not cover the rest is taken and shown', async () => {
    await payment.take({ method: 'cash', amount: 200, reference: null, last4: null });
    flushSync();
    expect(part(testids.amountDue).textContent).toContain('2.20');
    expect(checkouts()).toBe(0);
    await payment.giveBack(0);
    flushSync();
    expect(part(testids.amountDue).textContent).toContain('4.20');
  });

  it('offers to complete again when saving failed', async () => {
    const answer = shell.invoke.bind(shell);
    let full = true;
    shell.invoke = (command, args) => {
      if (command === 'process_checkout' && full) {
        return Promise.reject({ code: 'disk_full', message: 'full', details: null });
      }
      return answer(command, args);
    };
    press('F2');
    await quiet();
    flushSync();
    expect(document.body.textContent).toContain('The disk is full. Nothing was booked');
    full = false;
    part(testids.completePayment).click();
    await quiet();
    await vi.waitFor(() => expect(payment.sale).not.toBeNull());
    expect(checkouts()).toBe(1);
  });
});
