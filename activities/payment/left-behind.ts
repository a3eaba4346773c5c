import type { Database } from '../../db/pool';
import { loadAttempt } from '../../db/stores/late-charges-store';
import { loadPaymentById } from '../../db/stores/payments-store';
import type { loadArrival } from '../../db/stores/webhook-inbox-store';
import { parseAttemptReference } from '../../domain/payment/reference';
import { isFinal } from '../../domain/payment/status';
import { toOpened } from './to-opened';
import type { OpenedPayment } from './contracts';

type Arrival = NonNullable<Awaited<ReturnType<typeof loadArrival>>>;

/**
 * The payment as it looks to somebody who closes the reservation that the event tells of; undefined where there is none
 * to close. Nobody will capture it: the payment has ended, or stands on a later attempt for good.
 */
export async function leftBehind(
  database: Database,
  { event, address, isSettled }: Arrival,
): Promise<OpenedPayment | undefined> {
  const isReservation = event.about === 'charge' && event.status.kind === 'authorized';
  const name = parseAttemptReference(event.reference ?? '');
  if (!isReservation || address === undefined || name === undefined) return undefined;
  const [stored, attempt] = await Promise.all([
    loadPaymentById(database, address.paymentId),
    loadAttempt(database, name),
  ]);
  if (stored === undefined || attempt === undefined) return undefined;
  const isOver = isFinal(stored.state.status) || name.attemptNo < stored.attempt.attemptNo;
  // Paid: the news is old. Or it was given back before.
  const isDone = attempt.status === 'succeeded' || (isSettled && attempt.status !== 'authorized');
  if (!isOver || isDone) return undefined;
  const opened = toOpened({ ...stored, attempt }, stored.request.expiresAt);
  return { ...opened, attempt: { ...opened.attempt, status: 'authorized' } };
}
