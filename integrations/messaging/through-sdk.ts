import type { CallOutcome } from '../call-outcome';

/** What a transport under an SDK calls with the classified exchange: it gets the value to hand on, or throws. */
export type Hear<Value> = (outcome: CallOutcome<Value>) => Value;

/**
 * What a call through a vendor's SDK came to. The transport under it, the house's own, has classified the exchange,
 * and that counts, whatever the SDK makes of it: a message that was taken stays taken. Without an exchange the SDK
 * has refused the request, and nothing was sent.
 */
export async function throughSdk<Value>(
  ask: (hear: Hear<Value>) => Promise<unknown>,
): Promise<CallOutcome<Value>> {
  const told: { outcome?: CallOutcome<Value> } = {};
  const hear: Hear<Value> = (outcome) => {
    told.outcome = outcome;
    if (outcome.kind !== 'ok') throw new Error(outcome.kind);
    return outcome.value;
  };
  try {
    await ask(hear);
  } catch {
    // Its words may quote the request; what is to be known stands in `told`.
  }
  return told.outcome ?? { kind: 'declined', status: 0, code: 'request_rejected', value: undefined };
}
