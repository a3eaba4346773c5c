import type { ChargeOutcome, ChargeStatus } from '../../../../../../domain/payment/outcome';
import type { CallOutcome } from '../../../../../../integrations/call-outcome';
import { failureError, refusal } from './errors';
import { unwrittenAnswer } from './unwritten';

/** NewChannel's words into ours; pure. The tables are those of docs/channels/newchannel.md. */

/** To write: its codes that refuse a new charge. `unavailable` leads to another channel: only where nothing happened. */
const refusals: Readonly<Record<string, { kind: 'declined' | 'unavailable'; code: string }>> = {};

/** To write: its codes for "no such charge". */
const notFound: readonly string[] = [];

export function chargeOutcome(reference: string, outcome: CallOutcome<unknown>): ChargeOutcome {
  switch (outcome.kind) {
    case 'ok':
      return outcomeOfState(chargeState(reference, outcome.value));
    case 'declined':
      return refused(outcome.code);
    case 'retryable':
    case 'misconfigured':
      return { kind: 'unavailable', error: failureError(outcome) };
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/** The answer to a query or a cancellation. */
export function chargeStatus(reference: string, outcome: CallOutcome<unknown>): ChargeStatus {
  switch (outcome.kind) {
    case 'ok':
      return chargeState(reference, outcome.value);
    case 'declined':
      if (notFound.includes(outcome.code)) return { kind: 'not_found' };
      return { kind: 'unknown', error: refusal(outcome.code, 'provider_error') };
    case 'retryable':
    case 'misconfigured':
    case 'unknown':
      return { kind: 'unknown', error: failureError(outcome) };
  }
}

/**
 * What a charge, wherever it came from, says about the one with this reference. To write: parse it with zod, and
 * where it does not parse, speaks of another reference, or has a status nobody knows, it stays unknown.
 */
export function chargeState(_reference: string, _body: unknown): ChargeStatus {
  return unwrittenAnswer('how a charge reads and what its statuses mean', 'transformers.ts');
}

function outcomeOfState(state: ChargeStatus): ChargeOutcome {
  switch (state.kind) {
    case 'open': {
      const { nextAction, providerRef } = state;
      if (nextAction !== undefined) return { kind: 'action', nextAction, providerRef };
      const message = 'NewChannel made a charge without anything for the customer to do.';
      return { kind: 'unknown', error: { code: 'answer_unreadable', message } };
    }
    case 'processing':
    case 'succeeded':
    case 'authorized':
    case 'declined':
    case 'unknown':
      return state;
    case 'cancelled':
    case 'not_found':
      return { kind: 'declined', error: { code: 'order_closed', message: 'The charge is closed.' } };
  }
}

function refused(rawCode: string): ChargeOutcome {
  const known = Object.hasOwn(refusals, rawCode) ? refusals[rawCode] : undefined;
  return known === undefined
    ? { kind: 'unknown', error: refusal(rawCode, 'provider_error') }
    : { kind: known.kind, error: refusal(rawCode, known.code) };
}
