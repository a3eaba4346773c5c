import type { Money } from '../../domain/money/money';
import type { SuspenseKey } from '../../domain/suspense/suspense-id';
import type { Queryable, Transaction } from '../pool';
import { takesOwnMoney } from './taken-back';

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

/**
 * Whether a dispute may begin, or go on, while more of its payment may be captured: it runs already, or what was captured
 * of the named attempt and is not disputed otherwise holds it. What does not is of a capture that nobody here knows yet.
 */
export async function isDisputable(
  database: Queryable,
  { paymentId, attemptNo, channelConfigId }: ChargedAttempt,
  dispute: { providerRef: string; amountMinor: string; currency: string },
): Promise<boolean> {
  const { rows } = await database.query<{ is_disputable: boolean }>(
    `select exists (select from disputes where channel_config_id = $3 and provider_ref = $4)
       or coalesce(sum(c.amount), 0) >= $5::numeric + (
         select coalesce(sum(amount), 0) from disputes where payment_id = $1 and ${takesOwnMoney}) as is_disputable
     from provider_charges c where c.payment_id = $1 and c.attempt_no = $2 and c.channel_config_id = $3
       and c.disposition = 'payment' and c.currency = $6`,
    [paymentId, attemptNo, channelConfigId, dispute.providerRef, dispute.amountMinor, dispute.currency],
  );
  return rows[0]?.is_disputable === true;
}

export interface StandingCharge {
  standing: ChargeStanding;
  chargeRef?: string;
  /**
   * What a dispute of it may be about at most. Of the merchant's money: what is not disputed otherwise. Undefined: no
   * charge of that attempt is known yet.
   */
  room?: Money;
}

/** Locked after the payment's row, so that nobody decides about the charge while its dispute is written. */
export async function standingOfCharge(
  transaction: Transaction,
  charge: ChargedAttempt,
): Promise<StandingCharge> {
  const found = await lockCharge(transaction, charge);
  if (found === undefined) return { standing: 'settled', chargeRef: charge.chargeRef };
  return { standing: found.standing, chargeRef: found.providerRef, room: found.room };
}

export interface LostCharge {
  standing: ChargeStanding;
  /** What of the disputed amount lay in suspense, and is gone from there. */
  fromSuspense: bigint;
  /** Undefined: no charge of that attempt is known yet. */
  chargeRef?: string;
}

/**
 * The same at the loss. What lay in suspense is gone as far as it was disputed: only about the rest somebody may still
 * decide. A dispute in another currency takes nothing from there, for it can't be said how much. Nor is money that was
 * accepted taken for one that does not fit beside the others.
 */
export async function loseCharge(
  transaction: Transaction,
  charge: ChargedAttempt,
  disputed: { amount: bigint; currency: string },
): Promise<LostCharge> {
  const found = await lockCharge(transaction, charge);
  if (found === undefined) return { standing: 'settled', fromSuspense: 0n };
  const { providerRef, room } = found;
  const isTooMuch = disputed.currency !== room.currency || disputed.amount > room.amount;
  const standing = found.standing === 'accepted' && isTooMuch ? 'settled' : found.standing;
  if (standing !== 'suspense') return { standing, chargeRef: providerRef, fromSuspense: 0n };
  const { channelConfigId } = charge;
  return {
    standing,
    chargeRef: providerRef,
    fromSuspense: await takeFromSuspense(transaction, { channelConfigId, providerRef }, disputed),
  };
}

/** So much of it as lies there undecided. When nothing is left nobody may decide about it any more. */
export async function takeFromSuspense(
  transaction: Transaction,
  { channelConfigId, providerRef }: SuspenseKey,
  disputed: { amount: bigint; currency: string },
): Promise<bigint> {
  const { rows } = await transaction.query<{ left: bigint }>(
    `select amount - lost as left from provider_charges
     where channel_config_id = $1 and provider_ref = $2 and currency = $3
       and disposition = 'suspense' and decision is null and resolved_at is null for update`,
    [channelConfigId, providerRef, disputed.currency],
  );
  const { left = 0n } = rows[0] ?? {};
  const taken = disputed.amount < left ? disputed.amount : left;
  if (taken === 0n) return 0n;
  await transaction.query(
    `update provider_charges set lost = lost + $3, resolved_at = case when lost + $3 = amount then now() end
     where channel_config_id = $1 and provider_ref = $2`,
    [channelConfigId, providerRef, taken],
  );
  return taken;
}

/** Of late money that was accepted, `c` in its statement: what disputes withhold, or have taken. */
const disputedOfLateMoney = `(select coalesce(sum(d.amount), 0) from disputes d
  where d.channel_config_id = c.channel_config_id and d.charge_ref = c.provider_ref and d.late_money and d.status <> 'won')`;

/** Of a payment's own, the same: it may have been captured in parts. */
const notDisputedOfPayment = `(select coalesce(sum(o.amount), 0) from provider_charges o
  where o.payment_id = $1 and o.attempt_no = $2 and o.channel_config_id = $3 and o.disposition = 'payment')
  - (select coalesce(sum(amount), 0) from disputes where payment_id = $1 and ${takesOwnMoney})`;

async function lockCharge(
  database: Queryable,
  { paymentId, attemptNo, channelConfigId, chargeRef }: ChargedAttempt,
) {
  const { rows } = await database.query<{
    provider_ref: string;
    standing: ChargeStanding;
    room: bigint;
    currency: string;
  }>(
    `select c.*, case standing when 'payment' then ${notDisputedOfPayment}
         when 'accepted' then c.amount - c.lost - ${disputedOfLateMoney} else c.amount end as room
     from (select *, case when disposition = 'payment' then 'payment' when decision = 'accept' then 'accepted'
         when decision is null and resolved_at is null then 'suspense' else 'settled' end as standing
       from provider_charges where payment_id = $1 and attempt_no = $2 and channel_config_id = $3
       order by (provider_ref = $4) is true desc, disposition, decision is null and resolved_at is null desc,
         (decision = 'accept') is true desc, created_at limit 1 for update) c`,
    [paymentId, attemptNo, channelConfigId, chargeRef ?? null],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { provider_ref: providerRef, standing, room: amount, currency } = row;
  return { providerRef, standing, room: { amount, currency } };
}
