import { parsePublicId } from '../../domain/ids';
import { paymentWorkflowId, type Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

/** The workflow that a call was made for, by what the call carried; undefined: it was made for none. */
export async function findCorrelatedWorkflow(
  db: Queryable,
  correlationId: string,
): Promise<string | undefined> {
  // Whoever is no payment carries the id of its workflow itself.
  if (correlationId.includes('/')) return correlationId;
  const [id = ''] = correlationId.split('-', 1);
  if (parsePublicId('refund', id) !== undefined) return `refund/${id}`;
  const paymentId = parsePublicId('payment', id);
  if (paymentId === undefined) return undefined;
  const { rows } = await db.query<{ mode: Mode; merchant_id: string; order_id: string }>(
    'select mode, merchant_id, order_id from payments where id = $1',
    [paymentId],
  );
  const row = rows[0];
  return row && paymentWorkflowId(row.mode, row.merchant_id, row.order_id);
}
