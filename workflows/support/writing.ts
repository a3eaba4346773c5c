import type { PaymentActivities } from '../../activities';
import type { Cause, LeanPayment, OpenedPayment } from '../../activities/payment/contracts';
import type { ChargeStatus } from '../../domain/payment/outcome';
import { local, regular } from './activities';
import { callForAttention } from './attention';
import { promptly } from './steps';

/** Writes down what news of a charge change, if anything. */
export async function record(
  current: OpenedPayment,
  news: ChargeStatus,
  cause: Cause,
  about: { attemptNo?: number; channelConfigId?: string; inboxId?: string } = {},
): Promise<OpenedPayment> {
  const told = {
    payment: current,
    attemptNo: about.attemptNo ?? current.attempt.attemptNo,
    channelConfigId: about.channelConfigId ?? current.attempt.channelConfigId,
    news,
    cause,
    inboxIds: about.inboxId === undefined ? [] : [about.inboxId],
  };
  const after = await promptly(
    () => local.recordNews(told),
    () => regular.recordNews(told),
  );
  return rejoin(current, after);
}

export async function write(
  current: OpenedPayment,
  writing: Parameters<PaymentActivities['writePayment']>[1],
): Promise<OpenedPayment> {
  const after = await promptly(
    () => local.writePayment(current, writing),
    () => regular.writePayment(current, writing),
  );
  return rejoin(current, after);
}

/** A step's answer with the request, which only the workflow keeps. */
export function rejoin(
  { request }: Pick<OpenedPayment, 'request'>,
  { isChargeTaken, ...after }: LeanPayment,
): OpenedPayment {
  if (isChargeTaken === true) callForAttention('charge_conflict');
  return { ...after, request };
}

export function hasChanged(before: OpenedPayment, after: OpenedPayment): boolean {
  return after.state.version !== before.state.version;
}
