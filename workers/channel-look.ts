import type { Channel } from '../activities/payment/deps';
import { newId } from '../db/ids';
import type { ChargeStatus } from '../domain/payment/outcome';
import { attemptReference } from '../domain/payment/reference';

/** Asks for a charge that can't exist, at no cost and without an effect: who says "there is none" is well. */
export function lookForNothing(
  { provider, config }: Channel,
  call: { timeoutMs: number; correlationId: string },
): Promise<ChargeStatus> {
  const currency = provider.capabilities.currencies[0] ?? 'USD';
  return provider.queryCharge({ config, ...call }, { reference: attemptReference(newId(), 1), currency });
}
