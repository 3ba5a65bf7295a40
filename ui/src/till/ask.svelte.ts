import type { DiscountInput } from '../platform';

/** A question over the till. */
export type Question =
  | { kind: 'quantity'; title: string; initial: string }
  | { kind: 'weight'; title: string; initial: string }
  | { kind: 'price'; title: string; label: string; initial: number | null }
  | { kind: 'note'; title: string; initial: string }
  | { kind: 'discount'; title: string; initial: DiscountInput | null; askReason: boolean }
  | { kind: 'clear'; title: string; items: number };

/** What was answered to each kind of question. */
export interface Answers {
  quantity: string;
  weight: string;
  price: number;
  note: string | null;
  discount: { discount: DiscountInput | null; reason: string | null };
  clear: { reason: string | null };
}

interface Open {
  question: Question;
  answer: (value: Answers[Question['kind']] | null) => void;
}

/**
 * Asks one question at a time. Whoever asks waits for the answer, and the queue of scans waits with
 * them: nothing overtakes an open question.
 */
class Asking {
  open = $state.raw<Open | null>(null);

  /** The answer, or `null` when it was put away. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['kind']] | null> {
    this.open?.answer(null);
    return new Promise((resolve) => {
      const open: Open = {
        question,
        answer: (value) => {
          if (this.open === open) this.open = null;
          resolve(value as Answers[Q['kind']] | null);
        },
      };
      this.open = open;
    });
  }
}

/** The one question that may be open. */
export const asking = new Asking();
