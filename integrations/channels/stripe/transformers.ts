import type { ChannelError, ChargeOutcome, ChargeStatus, MovedMoney } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import { minorDigits } from './amounts';
import type { StripeAnswer } from './client';
import { doubtful, failureError, refusal } from './errors';
import { intentSchema, referenceKey, refusalSchema, type StripeIntent } from './messages';

/** Stripe's words into ours; pure. The tables are those of docs/channels/stripe.md. */

export function chargeOutcome(reference: string, outcome: CallOutcome<StripeAnswer>): ChargeOutcome {
  switch (outcome.kind) {
    case 'ok':
      return outcomeOfIntent(intentStatus(reference, outcome.value.body));
    case 'declined':
      return refusedCreation(reference, outcome.code, outcome.value);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** The answer to a retrieval or a cancellation of an intent by its id. */
export function chargeStatus(reference: string, outcome: CallOutcome<StripeAnswer>): ChargeStatus {
  switch (outcome.kind) {
    case 'ok':
      return intentStatus(reference, outcome.value.body);
    case 'declined':
      if (outcome.code === 'resource_missing') return { kind: 'not_found' };
      if (outcome.code === 'payment_intent_unexpected_state') {
        return intentStatus(reference, refusalSchema.safeParse(outcome.value).data?.payment_intent);
      }
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** What an intent, wherever it came from, says about the charge with this reference. */
export function intentStatus(reference: string, body: unknown): ChargeStatus {
  const intent = intentSchema.safeParse(body).data;
  if (intent === undefined) {
    return doubtful('answer_unreadable', 'Stripe sent a payment intent that does not read as one.');
  }
  if (intent.metadata[referenceKey] !== reference) {
    return doubtful('reference_mismatch', 'Stripe answered with another intent than the one asked for.');
  }
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.last_payment_error == null
        ? open(intent)
        : { kind: 'declined', error: paymentFailure(intent.last_payment_error) };
    case 'requires_confirmation':
    case 'requires_action':
      return open(intent);
    case 'processing':
      return { kind: 'processing', providerRef: intent.id };
    case 'requires_capture':
      return moved('authorized', intent, intent.amount);
    case 'succeeded':
      return moved('succeeded', intent, intent.amount_received);
    case 'canceled':
      return { kind: 'cancelled' };
    default:
      return doubtful(
        'unknown_status',
        'Stripe gave the intent a status that we do not know.',
        intent.status.slice(0, 100),
      );
  }
}

function open(intent: StripeIntent): ChargeStatus {
  return {
    kind: 'open',
    providerRef: intent.id,
    ...(intent.client_secret == null
      ? {}
      : { nextAction: { type: 'client_secret', secret: intent.client_secret } }),
  };
}

function moved(kind: 'authorized' | 'succeeded', intent: StripeIntent, units: number): ChargeStatus {
  const charge = money(intent, units);
  if (charge === undefined) {
    return doubtful('answer_unreadable', 'Stripe moved an amount that cannot be.');
  }
  return { kind, charge };
}

function money(intent: StripeIntent, units: number): MovedMoney | undefined {
  const amountMinor = minorDigits(units, intent.currency);
  if (amountMinor === undefined || units === 0) return undefined;
  return { providerRef: intent.id, amountMinor, currency: intent.currency.toUpperCase() };
}

function outcomeOfIntent(status: ChargeStatus): ChargeOutcome {
  switch (status.kind) {
    case 'open':
      if (status.nextAction === undefined) {
        return doubtful('answer_unreadable', 'Stripe made an intent without a secret to confirm it with.');
      }
      return { kind: 'action', nextAction: status.nextAction, providerRef: status.providerRef };
    case 'processing':
    case 'succeeded':
    case 'authorized':
    case 'declined':
    case 'unknown':
      return status;
    case 'cancelled':
    case 'not_found':
      return {
        kind: 'declined',
        error: { code: 'order_closed', message: 'The intent at Stripe is closed.' },
      };
  }
}

/** A refusal with an intent in it is the bank's, to a charge that was made with a kept method. */
function refusedCreation(reference: string, rawCode: string, value: unknown): ChargeOutcome {
  const refused = refusalSchema.safeParse(value).data;
  if (refused?.payment_intent !== undefined)
    return outcomeOfIntent(intentStatus(reference, refused.payment_intent));
  if (rawCode === 'resource_missing' && ['payment_method', 'customer'].includes(refused?.param ?? '')) {
    const message = 'Stripe does not keep this payment method any more.';
    return { kind: 'declined', error: { code: 'saved_method_gone', message, rawCode } };
  }
  switch (rawCode) {
    case 'idempotency_error':
    case 'idempotency_key_in_use':
      // Something stands there under our key, or is being made: only a query can tell.
      return { kind: 'unknown', error: refusal(rawCode, 'reference_conflict') };
    case 'amount_too_large':
    case 'amount_too_small':
      return { kind: 'unavailable', error: refusal(rawCode, 'amount_not_supported') };
    default:
      return { kind: 'unavailable', error: refusal(rawCode, 'request_rejected') };
  }
}

const declines: Record<string, Omit<ChannelError, 'rawCode'>> = {
  card_declined: { code: 'card_declined', message: 'The card was declined.' },
  generic_decline: { code: 'card_declined', message: 'The card was declined.' },
  insufficient_funds: { code: 'insufficient_funds', message: 'There is not enough money in the account.' },
  fraudulent: { code: 'fraud_suspected', message: 'Stripe refused the payment as a risk.' },
  lost_card: { code: 'fraud_suspected', message: 'The card is reported as lost.' },
  authentication_required: {
    code: 'authentication_required',
    message: 'The bank wants the customer to confirm the payment: try again while they are there.',
  },
  stolen_card: { code: 'fraud_suspected', message: 'The card is reported as stolen.' },
};

function paymentFailure(error: NonNullable<StripeIntent['last_payment_error']>): ChannelError {
  const rawCode = error.decline_code ?? error.code ?? 'unknown';
  const known = Object.hasOwn(declines, rawCode) ? declines[rawCode] : undefined;
  return { ...(known ?? { code: 'declined', message: 'Stripe declined the payment.' }), rawCode };
}
