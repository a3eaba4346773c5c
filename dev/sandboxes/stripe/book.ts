import { derivedId, refunded, type Intent, type Refund } from './objects';

/** Stripe's own error codes. */
export type Refusal =
  'payment_intent_unexpected_state' | 'amount_too_large' | 'charge_already_refunded' | 'card_declined';

export type Result<Value> = { ok: true; value: Value } | { ok: false; code: Refusal; declineCode?: string };

export type NewIntent = Pick<Intent, 'amount' | 'currency' | 'captureMethod' | 'description' | 'metadata'> & {
  key: string;
};

/** What was charged: the truth that fault tests compare with. */
export interface Book {
  create(wanted: NewIntent): Intent;
  find(id: string): Intent | undefined;
  newestFirst(): Intent[];
  confirm(intent: Intent, declineCode: string | undefined): Result<Intent>;
  capture(intent: Intent, wanted: { key: string; amount: number | undefined }): Result<Intent>;
  cancel(intent: Intent): Result<Intent>;
  refund(intent: Intent, wanted: Pick<Refund, 'key' | 'amount' | 'metadata'>): Result<Refund>;
  settleRefund(refund: Refund, status: 'succeeded' | 'failed'): void;
}

const intentsMax = 100_000;

export function createBook(now: () => number): Book {
  const intents = new Map<string, Intent>();
  const unexpected = { ok: false, code: 'payment_intent_unexpected_state' } as const;

  return {
    find: (id) => intents.get(id),
    newestFirst: () => [...intents.values()].reverse(),

    create({ key, ...wanted }) {
      const id = derivedId('pi_', key);
      const intent: Intent = {
        ...wanted,
        id,
        clientSecret: `${id}_secret_${derivedId('', 'secret', key)}`,
        status: 'requires_payment_method',
        amountReceived: 0,
        declineCode: null,
        createdAt: now(),
        charges: 0,
        captures: [],
        refunds: [],
      };
      const oldest = intents.size >= intentsMax ? intents.keys().next().value : undefined;
      if (oldest !== undefined) intents.delete(oldest);
      intents.set(id, intent);
      return intent;
    },

    confirm(intent, declineCode) {
      if (intent.status !== 'requires_payment_method') return unexpected;
      intent.declineCode = declineCode ?? null;
      if (declineCode !== undefined) return { ok: false, code: 'card_declined', declineCode };
      if (intent.captureMethod === 'manual') intent.status = 'requires_capture';
      else take(intent, intent.amount);
      return { ok: true, value: intent };
    },

    capture(intent, { key, amount = intent.amount }) {
      if (intent.status !== 'requires_capture') return unexpected;
      if (amount > intent.amount) return { ok: false, code: 'amount_too_large' };
      intent.captures.push({ key, amount, effects: 1 });
      return { ok: true, value: take(intent, amount) };
    },

    cancel(intent) {
      if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpected;
      intent.status = 'canceled';
      return { ok: true, value: intent };
    },

    refund(intent, wanted) {
      if (intent.status !== 'succeeded') return unexpected;
      const left = intent.amountReceived - refunded(intent);
      if (left === 0) return { ok: false, code: 'charge_already_refunded' };
      if (wanted.amount > left) return { ok: false, code: 'amount_too_large' };
      const id = derivedId('re_', intent.id, wanted.key);
      const refund: Refund = { ...wanted, id, status: 'pending', effects: 0, createdAt: now() };
      intent.refunds.push(refund);
      return { ok: true, value: refund };
    },

    settleRefund(refund, status) {
      refund.status = status;
      if (status === 'succeeded') refund.effects += 1;
    },
  };

  function take(intent: Intent, amount: number): Intent {
    intent.charges += 1;
    intent.amountReceived = amount;
    intent.status = 'succeeded';
    return intent;
  }
}
