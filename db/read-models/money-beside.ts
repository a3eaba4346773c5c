import type { DisputeStatus } from '../../domain/dispute/status';
import { formatAmount } from '../../domain/money/amount';
import type { MoneyBeside } from '../../domain/payment/explain-money';
import type { Queryable } from '../pool';

/** More than that says nothing new. */
const besideMax = 5;

/** Money of a payment that does not pay it, and what became of it. */
export async function listMoneyBeside(database: Queryable, paymentId: string): Promise<MoneyBeside[]> {
  const { rows } = await database.query<{
    amount: bigint;
    currency: string;
    place: MoneyBeside['place'];
    dispute: DisputeStatus | null;
  }>(
    `select c.amount, c.currency, case
       when c.resolved_at is null then 'suspense'
       when c.lost = c.amount then 'lost'
       when c.decision = 'accept' then 'accepted'
       else 'given_back' end as place,
       (select d.status from disputes d where d.payment_id = c.payment_id and d.channel_config_id = c.channel_config_id
          and d.status <> 'won' and (d.charge_ref = c.provider_ref
            or (d.charge_ref is null and d.late_money and d.attempt_no = c.attempt_no))
        order by (d.finished_at is null) desc, d.id desc limit 1) as dispute
     from provider_charges c where c.payment_id = $1 and c.disposition = 'suspense'
     order by c.created_at, c.provider_ref limit $2`,
    [paymentId, besideMax],
  );
  return rows.map(({ amount, currency, place, dispute }) => ({
    amount: `${formatAmount(amount, currency)} ${currency}`,
    place,
    dispute: dispute ?? undefined,
  }));
}
