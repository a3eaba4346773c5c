import type { DisputeStatus } from '../../domain/dispute/status';
import { formatAmount } from '../../domain/money/amount';
import type { MoneyBeside } from '../../domain/payment/explain-money';
import type { Queryable } from '../pool';
import { chargePlace, givenBackOfAccepted } from './charge-place';

/** More than that says nothing new. */
const besideMax = 5;

/** Money of a payment that does not pay it, and what became of it. */
export async function listMoneyBeside(database: Queryable, paymentId: string): Promise<MoneyBeside[]> {
  // A lost dispute that was paid from suspense is told by what it took there.
  const { rows } = await database.query<{
    amount: bigint;
    lost: bigint;
    given_back: bigint;
    currency: string;
    place: MoneyBeside['place'];
    dispute: DisputeStatus | null;
  }>(
    `select c.amount, c.lost, ${givenBackOfAccepted} as given_back, c.currency, ${chargePlace} as place,
       (select d.status from disputes d where d.payment_id = c.payment_id and d.channel_config_id = c.channel_config_id
          and d.status <> 'won' and not (d.status = 'lost' and d.from_suspense > 0) and (d.charge_ref = c.provider_ref
            or (d.charge_ref is null and d.late_money and d.attempt_no = c.attempt_no))
        order by (d.finished_at is null) desc, d.id desc limit 1) as dispute
     from provider_charges c where c.payment_id = $1 and c.disposition = 'suspense'
     order by c.created_at, c.provider_ref limit $2`,
    [paymentId, besideMax],
  );
  return rows.map(({ currency, place, dispute, ...money }) => {
    const shown = (amount: bigint) => `${formatAmount(amount, currency)} ${currency}`;
    const { amount, lost, given_back: givenBack } = money;
    return {
      amount: shown(amount),
      place,
      lost: lost > 0n && lost < amount ? { amount: shown(lost), rest: shown(amount - lost) } : undefined,
      givenBack: place === 'accepted' && givenBack > 0n ? shown(givenBack) : undefined,
      dispute: dispute ?? undefined,
    };
  });
}
