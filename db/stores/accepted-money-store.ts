import type { SuspendedMoney } from './suspense-store';
import type { Queryable } from '../pool';

export interface TakenOfAccepted {
  /** By refunds that are done or under way, and what of it was the fee's part. */
  refunded: bigint;
  fee: bigint;
  /** What disputes withhold or have taken. */
  disputed: bigint;
}

/**
 * What is taken back of late money that the merchant was given; read under the lock of its payment. A dispute in another
 * currency says nothing of how much of it is meant, so it is taken to mean all.
 */
export async function takenOfAccepted(database: Queryable, held: SuspendedMoney): Promise<TakenOfAccepted> {
  const { paymentId, channelConfigId, providerRef, attemptNo, currency, amount } = held;
  const { rows } = await database.query<TakenOfAccepted>(
    `select coalesce(sum(amount) filter (where is_refund), 0) as refunded, coalesce(sum(fee), 0) as fee,
       coalesce(sum(amount) filter (where not is_refund), 0) as disputed
     from (
       select amount, fee_set_aside as fee, true as is_refund from refunds
       where payment_id = $1 and kind = 'accepted_money' and channel_config_id = $2 and charge_ref = $3
         and status <> 'failed' and reserved_at is not null
       union all
       select case when currency = $5 then amount else $6::numeric end, null, false from disputes
       where payment_id = $1 and late_money and channel_config_id = $2 and status <> 'won'
         and (charge_ref = $3 or (charge_ref is null and attempt_no = $4))
     ) taken`,
    [paymentId, channelConfigId, providerRef, attemptNo, currency, amount],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A sum has a row.');
  return row;
}
