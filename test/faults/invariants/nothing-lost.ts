import { parsePublicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import type { Finding } from '../finding';
import type { Evidence } from './evidence';

interface Stored {
  id: string;
  order_id: string;
  amount: bigint;
  currency: string;
  status: string;
}

/** Every 2xx was a promise: the payment is there, the same one, and as it was confirmed. */
export async function nothingLost({ database, acknowledged, problems }: Evidence): Promise<Finding> {
  const { rows } = await database.query<Stored>(
    'select id, order_id, amount, currency, status from payments',
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const owner = new Map<string, string>();
  const offenders = problems.filter((problem) => !/^I(5|10)/.test(problem));
  for (const { orderId, paymentId, amount, currency, isCancelled } of acknowledged) {
    const first = owner.get(orderId) ?? paymentId;
    owner.set(orderId, first);
    const stored = byId.get(parsePublicId('payment', paymentId) ?? '');
    if (first !== paymentId) offenders.push(`${orderId} was answered with ${first} and with ${paymentId}`);
    else if (stored === undefined)
      offenders.push(`${orderId} was acknowledged as ${paymentId}, which is not there`);
    else if (stored.order_id !== orderId || formatAmount(stored.amount, stored.currency) !== amount) {
      offenders.push(`${paymentId} was acknowledged as ${orderId} of ${amount} ${currency}, and is another`);
    } else if (isCancelled === true && stored.status !== 'cancelled') {
      offenders.push(`${paymentId} was confirmed as cancelled, and is ${stored.status}`);
    }
  }
  const names = new Set<string>();
  for (const { order_id } of rows) {
    if (names.has(order_id)) offenders.push(`${order_id} is two payments`);
    names.add(order_id);
  }
  return {
    name: 'I7',
    promise: 'nothing that was acknowledged is lost, and one orderId is one payment',
    checked: acknowledged.length,
    offenders,
  };
}
