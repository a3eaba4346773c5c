import type { ChannelFees } from '../../../domain/fees/contracts';
import { feeParts, mostParticular } from '../../../domain/fees/pin';
import type { FeeScope, TransactionType } from '../../../domain/fees/terms';

/** One that fitted a charge, a refund or a dispute, and held when its payment began. */
export interface HeldPlan {
  planId: string;
  scope: Pick<FeeScope, 'payer' | 'merchantId' | 'channelConfigId' | 'method'>;
}

/** Plans are in the payment's currency, and say nothing of money in another one. */
const isPriced = (row: string, isDue: string) => `p.currency = ${row}.currency and ${isDue}`;

/** What was pinned with the attempt, or else with the payment for the attempt's channel. */
export const pinnedTo = (row: string, isDue = 'true') =>
  `case when ${isPriced(row, isDue)} then coalesce(t.fees, p.decision -> 'fees' -> ${row}.channel_config_id::text) end as pinned, h.held`;

export const ofPayment = (row: string) => `
left join payments p on p.id = ${row}.payment_id
left join payment_attempts t on t.payment_id = ${row}.payment_id and t.attempt_no = ${row}.attempt_no`;

/**
 * A payment is planned a moment after it is asked for, by configuration that was read a moment ago: which version of a
 * plan it met can't be told where one began within a minute of that.
 */
export const heldFor = (row: string, transactionType: TransactionType, isDue = 'true') => `
  cross join lateral (
    select case when not bool_or(v.effective_from > p.created_at - interval '1 minute') then
      jsonb_agg(jsonb_build_object('planId', f.id, 'scope', jsonb_strip_nulls(jsonb_build_object('payer', f.payer,
        'merchantId', f.merchant_id, 'channelConfigId', f.channel_config_id, 'method', f.method)))) filter (where v.is_enabled)
      end as held
    from fee_plans f cross join lateral (
      select effective_from, is_enabled from fee_plan_versions
      where plan_id = f.id and effective_from <= p.created_at + interval '1 minute'
      order by effective_from desc, version desc limit 1
    ) v
    where f.payer in ('merchant', 'platform') and f.transaction_type = '${transactionType}' and f.currency = p.currency
      and ${isPriced(row, isDue)} and (f.merchant_id is null or f.merchant_id = p.merchant_id)
      and (f.channel_config_id is null or f.channel_config_id = ${row}.channel_config_id)
      and (f.method is null or f.method = coalesce(t.method, p.method))
  ) h`;

/** Of those that fit, the one that says most. */
export function heldPlan(held: readonly HeldPlan[] | null, part: keyof ChannelFees): HeldPlan | undefined {
  const [payer] = feeParts[part];
  return mostParticular((held ?? []).filter(({ scope }) => scope.payer === payer));
}
