import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../../db/pool';
import { parseAttemptReference } from '../../domain/payment/reference';
import type { ProviderWire } from './wire/provider-wire';

/** Workflow-task time-out, sticky time-out, and two seconds. */
export const recoveryMsMax = 5_000 + 2_000 + 2_000;
const watchedMsMax = 30_000;

export interface Recoveries {
  /**
   * Of the payment that its process died with: how long until somebody goes on with it, by a call to the provider
   * or a change in the database. Nothing is measured where it was not in the middle of anything.
   */
  watch(reference: string | undefined, killed: string): Promise<void>;
  readonly measuredMs: readonly { reference: string; killed: string; ms: number }[];
}

export function createRecoveries(database: Queryable, provider: ProviderWire): Recoveries {
  const measuredMs: { reference: string; killed: string; ms: number }[] = [];

  async function state(paymentId: string): Promise<{ version: number; isSending: boolean } | undefined> {
    const { rows } = await database.query<{ version: number; isSending: boolean }>(
      `select p.version, a.status = 'sending' as "isSending" from payments p
       join payment_attempts a on a.payment_id = p.id and a.attempt_no = p.attempt_no where p.id = $1`,
      [paymentId],
    );
    return rows[0];
  }

  return {
    measuredMs,
    async watch(reference, killed) {
      const diedAt = Date.now();
      const attempt = reference === undefined ? undefined : parseAttemptReference(reference);
      if (reference === undefined || attempt === undefined) return;
      const calls = provider.calls.get(reference);
      const before = await state(attempt.paymentId);
      if (before?.isSending !== true) return;
      while (Date.now() < diedAt + watchedMsMax) {
        const now = await state(attempt.paymentId);
        if (provider.calls.get(reference) !== calls || now?.version !== before.version) break;
        await sleep(25);
      }
      measuredMs.push({ reference, killed, ms: Date.now() - diedAt });
    },
  };
}
