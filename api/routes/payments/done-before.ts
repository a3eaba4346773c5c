import type { Database } from '../../../db/pool';
import { wasAskedAgain } from '../../../db/stores/asked-again-store';
import { captureCausedBy } from '../../../db/stores/captures-store';
import { becameBy, loadPaymentById, type StoredPayment } from '../../../db/stores/payments-store';
import { captureKey, commandKey, releaseKey } from '../../../domain/payment/command';
import { waitsForChannel } from '../../../domain/payment/no-channel';
import { presentPayment } from '../../../domain/payment/present';
import type { PaymentStatus } from '../../../domain/payment/status';
import type { Command } from '../../../workflows/contracts';

/** What a payment becomes by a command that is done: a refused one writes something else, or nothing. */
const becomes: Readonly<Record<Exclude<Command['kind'], 'capture'>, readonly PaymentStatus[]>> = {
  cancel: ['cancelled'],
  attempt: ['pending'],
  retry: ['pending'],
  review: ['pending', 'rejected'],
};

/** The same request asked again, after a crash that swallowed its answer: it is done, and is not done twice. */
export async function doneBefore(database: Database, { request }: StoredPayment, command: Command) {
  if (!(await isDone(database, request.paymentId, command))) return undefined;
  const now = await loadPaymentById(database, request.paymentId);
  if (now === undefined) return undefined;
  const body = presentPayment(now.request, now.state);
  const isUnderWay = now.state.status === 'pending' && !waitsForChannel(now.state);
  return isUnderWay ? { status: 202 as const, body } : { status: 200 as const, body };
}

async function isDone(database: Database, paymentId: string, { kind, id }: Command): Promise<boolean> {
  if (kind === 'capture') {
    return (await captureCausedBy(database, paymentId, captureKey(id)))?.status === 'succeeded';
  }
  const key = commandKey(kind, id);
  if (kind === 'cancel' && (await becameBy(database, paymentId, releaseKey(id))).length > 0) return true;
  const became = await becameBy(database, paymentId, key);
  if (became.some((status) => becomes[kind].includes(status))) return true;
  return kind === 'attempt' && wasAskedAgain(database, paymentId, key);
}
