import type { Queryable, Transaction } from '../pool';
import { resolveSuspense } from './suspense-store';

export interface ChargedAttempt {
  paymentId: string;
  attemptNo: number;
  channelConfigId: string;
  /** The provider's number of the charge, where its event says so: an attempt may have been charged twice. */
  chargeRef?: string;
}

/**
 * Whose the disputed money is: the payment's own, the merchant's though it came late or twice, or held in suspense with
 * nobody having decided; or it is nobody's here any more, because it was or is being given back.
 */
export type ChargeStanding = 'payment' | 'accepted' | 'suspense' | 'settled';

/** Locked after the payment's row, so that nobody decides about the charge while its dispute is written. */
export async function standingOfCharge(
  transaction: Transaction,
  charge: ChargedAttempt,
): Promise<{ standing: ChargeStanding; chargeRef?: string }> {
  const found = await lockCharge(transaction, charge);
  return { standing: found?.standing ?? 'settled', chargeRef: found?.providerRef ?? charge.chargeRef };
}

/**
 * The same at the loss. Money that lay in suspense is gone with it: nobody may decide about it any more.
 */
export async function loseCharge(transaction: Transaction, charge: ChargedAttempt): Promise<ChargeStanding> {
  const found = await lockCharge(transaction, charge);
  if (found?.standing === 'suspense') {
    await resolveSuspense(transaction, {
      channelConfigId: charge.channelConfigId,
      providerRef: found.providerRef,
    });
  }
  return found?.standing ?? 'settled';
}

async function lockCharge(
  database: Queryable,
  { paymentId, attemptNo, channelConfigId, chargeRef }: ChargedAttempt,
) {
  const { rows } = await database.query<{ provider_ref: string; standing: ChargeStanding }>(
    `select provider_ref, case when disposition = 'payment' then 'payment' when decision = 'accept' then 'accepted'
         when decision is null and resolved_at is null then 'suspense' else 'settled' end as standing
     from provider_charges where payment_id = $1 and attempt_no = $2 and channel_config_id = $3
     order by (provider_ref = $4) is true desc, disposition, decision is null and resolved_at is null desc,
       (decision = 'accept') is true desc, created_at limit 1 for update`,
    [paymentId, attemptNo, channelConfigId, chargeRef ?? null],
  );
  const [row] = rows;
  return row && { providerRef: row.provider_ref, standing: row.standing };
}
