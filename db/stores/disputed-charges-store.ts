import type { Queryable, Transaction } from '../pool';

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

export interface LostCharge {
  standing: ChargeStanding;
  /** What of the disputed amount lay in suspense, and is gone from there. */
  fromSuspense: bigint;
}

/**
 * The same at the loss. What lay in suspense is gone as far as it was disputed: only about the rest somebody may still
 * decide. A dispute in another currency takes nothing from there, for it can't be said how much.
 */
export async function loseCharge(
  transaction: Transaction,
  charge: ChargedAttempt,
  disputed: { amount: bigint; currency: string },
): Promise<LostCharge> {
  const found = await lockCharge(transaction, charge);
  if (found === undefined) return { standing: 'settled', fromSuspense: 0n };
  const { standing, providerRef, currency, left } = found;
  if (standing !== 'suspense' || disputed.currency !== currency) return { standing, fromSuspense: 0n };
  const fromSuspense = disputed.amount < left ? disputed.amount : left;
  await transaction.query(
    `update provider_charges set lost = lost + $3, resolved_at = case when lost + $3 = amount then now() end
     where channel_config_id = $1 and provider_ref = $2`,
    [charge.channelConfigId, providerRef, fromSuspense],
  );
  return { standing, fromSuspense };
}

async function lockCharge(
  database: Queryable,
  { paymentId, attemptNo, channelConfigId, chargeRef }: ChargedAttempt,
) {
  const { rows } = await database.query<{
    provider_ref: string;
    standing: ChargeStanding;
    currency: string;
    left: bigint;
  }>(
    `select provider_ref, currency, amount - lost as left, case when disposition = 'payment' then 'payment' when decision = 'accept' then 'accepted'
         when decision is null and resolved_at is null then 'suspense' else 'settled' end as standing
     from provider_charges where payment_id = $1 and attempt_no = $2 and channel_config_id = $3
     order by (provider_ref = $4) is true desc, disposition, decision is null and resolved_at is null desc,
       (decision = 'accept') is true desc, created_at limit 1 for update`,
    [paymentId, attemptNo, channelConfigId, chargeRef ?? null],
  );
  const [row] = rows;
  return row && { ...row, providerRef: row.provider_ref };
}
