import type { PaymentStatus } from '../../domain/payment/status';
import type { Queryable } from '../pool';

/** One change of a payment, as its events tell it. */
export interface ChangeSince {
  version: number;
  to: PaymentStatus;
  /** What caused it; empty where nobody said. */
  key: string;
  /**
   * Refunds, disputes and late money move beside a payment that is under way: they touch nothing of what its workflow
   * knows, and it goes on from the version that they have left.
   */
  isBeside: boolean;
}

interface Row {
  version: number;
  to_status: PaymentStatus;
  key: string;
  is_beside: boolean;
}

/** What the payment has gone through since this version, in order. */
export async function changesSince(
  database: Queryable,
  paymentId: string,
  version: number,
): Promise<ChangeSince[]> {
  const { rows } = await database.query<Row>(
    `select version, to_status, coalesce(cause ->> 'key', '') as key,
       from_status = to_status and (type like 'refund.%' or type like 'dispute.%' or type like 'payment.late_money%') as is_beside
     from payment_events where payment_id = $1 and version > $2 order by version`,
    [paymentId, version],
  );
  return rows.map(({ version, to_status, key, is_beside }) => ({
    version,
    to: to_status,
    key,
    isBeside: is_beside,
  }));
}
