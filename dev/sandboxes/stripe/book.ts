import { endDispute, openDispute, submitEvidence, type WantedDispute } from './disputes';
import { derivedId, refunded, type Dispute, type Intent, type Refund } from './objects';

/** Stripe's own error codes, but for those that its sandbox controls answer. */
export type Refusal =
  | 'payment_intent_unexpected_state'
  | 'amount_too_large'
  | 'charge_already_refunded'
  | 'card_declined'
  | 'not_disputable'
  | 'evidence_closed';

export type Result<Value> = { ok: true; value: Value } | { ok: false; code: Refusal; declineCode?: string };

export type NewIntent = Pick<
  Intent,
  'amount' | 'currency' | 'captureMethod' | 'description' | 'metadata' | 'customer' | 'keepsMethod'
> & { key: string };

type OnDispute = Result<{ intent: Intent; dispute: Dispute }>;

/** What was charged: the truth that fault tests compare with. */
export interface Book {
  create(wanted: NewIntent): Intent;
  find(id: string): Intent | undefined;
  newestFirst(): Intent[];
  confirm(intent: Intent, how: { declineCode?: string; paymentMethod: string | null }): Result<Intent>;
  /** Made with a method, and not confirmed. */
  leaveUnconfirmed(intent: Intent, paymentMethod: string): Intent;
  capture(
    intent: Intent,
    wanted: { key: string; amount: number | undefined; metadata: Record<string, string> },
  ): Result<Intent>;
  cancel(intent: Intent): Result<Intent>;
  refund(intent: Intent, wanted: Pick<Refund, 'key' | 'amount' | 'metadata'>): Result<Refund>;
  settleRefund(intent: Intent, refund: Refund, status: 'succeeded' | 'failed'): void;
  openDispute(intent: Intent, wanted: WantedDispute): OnDispute;
  findDispute(id: string): { intent: Intent; dispute: Dispute } | undefined;
  endDispute(found: { intent: Intent; dispute: Dispute }, status: 'won' | 'lost'): OnDispute;
  submitEvidence(
    found: { intent: Intent; dispute: Dispute },
    evidence: Dispute['evidence'][number],
  ): OnDispute;
}

export interface BookOptions {
  intents: Intent[];
  now: () => number;
  onChange(intent: Intent): void;
}

const intentsMax = 100_000;

export function createBook({ now, onChange, ...kept }: BookOptions): Book {
  const intents = new Map(kept.intents.map((intent) => [intent.id, intent]));
  const disputed = new Map(
    kept.intents.flatMap((intent) => intent.disputes.map(({ id }) => [id, intent.id] as const)),
  );
  const unexpected = { ok: false, code: 'payment_intent_unexpected_state' } as const;

  return {
    find: (id) => intents.get(id),
    newestFirst: () => [...intents.values()].reverse(),

    create({ key, ...wanted }) {
      const id = derivedId('pi_', key);
      const known = intents.get(id);
      // The memory of keys ends with the process; what was made under one does not.
      if (known !== undefined) return known;
      const intent: Intent = {
        ...wanted,
        id,
        clientSecret: `${id}_secret_${derivedId('', 'secret', key)}`,
        status: 'requires_payment_method',
        amountReceived: 0,
        paymentMethod: null,
        declineCode: null,
        createdAt: now(),
        chargedAt: null,
        charges: 0,
        captures: [],
        refunds: [],
        disputes: [],
      };
      const oldest = intents.size >= intentsMax ? intents.keys().next().value : undefined;
      if (oldest !== undefined) intents.delete(oldest);
      intents.set(id, intent);
      return changed(intent);
    },

    confirm(intent, { declineCode, paymentMethod }) {
      if (!intent.status.startsWith('requires_') || intent.status === 'requires_capture') return unexpected;
      intent.status = 'requires_payment_method';
      intent.declineCode = declineCode ?? null;
      // A method that was declined is taken off the intent again.
      intent.paymentMethod = declineCode === undefined ? paymentMethod : null;
      if (declineCode !== undefined) {
        changed(intent);
        return { ok: false, code: 'card_declined', declineCode };
      }
      if (intent.captureMethod === 'manual') intent.status = 'requires_capture';
      else take(intent, intent.amount);
      return { ok: true, value: changed(intent) };
    },

    leaveUnconfirmed(intent, paymentMethod) {
      intent.status = 'requires_confirmation';
      intent.paymentMethod = paymentMethod;
      return changed(intent);
    },

    capture(intent, { key, amount = intent.amount, metadata }) {
      const isRepeated = intent.captures.some((made) => made.key === key && made.amount === amount);
      if (isRepeated) return { ok: true, value: intent };
      if (intent.status !== 'requires_capture') return unexpected;
      if (amount > intent.amount) return { ok: false, code: 'amount_too_large' };
      intent.captures.push({ key, amount, effects: 1 });
      intent.metadata = { ...intent.metadata, ...metadata };
      return { ok: true, value: changed(take(intent, amount)) };
    },

    cancel(intent) {
      if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpected;
      intent.status = 'canceled';
      return { ok: true, value: changed(intent) };
    },

    refund(intent, wanted) {
      const id = derivedId('re_', intent.id, wanted.key);
      const known = intent.refunds.find((refund) => refund.id === id && refund.amount === wanted.amount);
      if (known !== undefined) return { ok: true, value: known };
      if (intent.status !== 'succeeded') return unexpected;
      const left = intent.amountReceived - refunded(intent);
      if (left === 0) return { ok: false, code: 'charge_already_refunded' };
      if (wanted.amount > left) return { ok: false, code: 'amount_too_large' };
      const refund: Refund = { ...wanted, id, status: 'pending', effects: 0, createdAt: now() };
      intent.refunds.push(refund);
      changed(intent);
      return { ok: true, value: refund };
    },

    settleRefund(intent, refund, status) {
      refund.status = status;
      if (status === 'succeeded') refund.effects += 1;
      changed(intent);
    },

    openDispute(intent, wanted) {
      const opened = openDispute(intent, wanted, now());
      if (opened.ok) disputed.set(opened.value.id, intent.id);
      return onDispute(intent, opened);
    },

    findDispute(id) {
      const intent = intents.get(disputed.get(id) ?? '');
      const dispute = intent?.disputes.find((one) => one.id === id);
      return intent && dispute && { intent, dispute };
    },

    endDispute: ({ intent, dispute }, status) => onDispute(intent, endDispute(dispute, status, now())),
    submitEvidence: ({ intent, dispute }, evidence) =>
      onDispute(intent, submitEvidence(dispute, evidence, now())),
  };

  function onDispute(intent: Intent, result: Result<Dispute>): OnDispute {
    if (!result.ok) return result;
    return { ok: true, value: { intent: changed(intent), dispute: result.value } };
  }

  function take(intent: Intent, amount: number): Intent {
    intent.charges += 1;
    intent.amountReceived = amount;
    intent.chargedAt = now();
    intent.status = 'succeeded';
    return intent;
  }

  function changed(intent: Intent): Intent {
    onChange(intent);
    return intent;
  }
}
