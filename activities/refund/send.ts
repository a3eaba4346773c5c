import { attemptReference } from '../../domain/payment/reference';
import type { ChannelError, RefundOutcome, RefundStatus as RefundNews } from '../../domain/payment/outcome';
import { isRefundOver } from '../../domain/refund/status';
import { publicId } from '../../domain/ids';
import { findResolution, type RefundResolution } from '../../db/stores/refund-resolutions-store';
import {
  loadRefund,
  markRefundSent,
  markRefundUnsent,
  postponeRefund,
  refundedOf,
  type Reservation,
  type StoredRefund,
} from '../../db/stores/refunds-store';
import type { ChannelCall, RefundQuery } from '../../integrations/channels/payment-provider';
import { failure } from '../failures';
import { pauseOf } from '../pause';
import type { Channel } from '../payment/deps';
import type { RefundProgress } from './contracts';
import type { RefundDeps } from './deps';
import { createWaitOutDoubt } from './doubt';
import { createPostponeRefund } from './postpone';
import { createRecordRefund, saidBy } from './record';
import { progressOf } from './reserve';
import { createRefundTurn } from './turn';

/** Asking the channel for a refund, and asking what became of it. Its reference makes a repeat refund once. */
export function createSendRefund(deps: RefundDeps) {
  const record = createRecordRefund(deps);
  const postpone = createPostponeRefund(deps);
  const takeTurn = createRefundTurn(deps);
  const waitOutDoubt = createWaitOutDoubt(deps);

  async function sendRefund(refundId: string, pace: 'fast' | 'durable'): Promise<RefundProgress> {
    const { refund, reservation } = await load(refundId);
    if (refund.status !== 'pending') return progressOf(refund);
    const channel = await deps.channelOf(reservation.channelConfigId);
    const pause = channel && pauseOf(channel, new Date());
    if (pause !== undefined) return postpone(refund, pause);
    const { channelFastTimeoutMs, channelTimeoutMs } = deps.timings;
    const news = await send(refund, reservation, pace === 'fast' ? channelFastTimeoutMs : channelTimeoutMs);
    return record(refundId, { news, by: 'answer' });
  }

  async function send(
    refund: StoredRefund,
    reservation: Reservation,
    timeoutMs: number,
  ): Promise<RefundOutcome | RefundNews> {
    const channel = await deps.channelOf(reservation.channelConfigId);
    if (channel === undefined) return giveUpOn(refund, reservation, notConfigured);
    if (channel.provider.refundCharge === undefined) return { kind: 'declined', error: notSupported };
    if (!isOneByOne(channel)) {
      await markRefundSent(deps.database, refund.id);
    } else {
      const turn = await takeTurn(refund);
      if (turn === 'not_yet') return { kind: 'unavailable', error: notItsTurn };
      if (turn === 'in_doubt') return { kind: 'unknown', error: neverAnswered };
    }
    const outcome = await channel.provider.refundCharge(callOf(refund, channel, timeoutMs), {
      ...(await queryOf(channel, refund, reservation)),
      reason: refund.reason,
    });
    if (outcome.kind !== 'unavailable') return outcome;
    // It has certainly done nothing, and no call before it is in doubt: it may be sent again soon.
    if (isOneByOne(channel)) await markRefundUnsent(deps.database, refund.id);
    return giveUpOn(refund, reservation, outcome.error);
  }

  /** Only when it is certain that no earlier call arrived either. */
  async function giveUpOn(
    refund: StoredRefund,
    reservation: Reservation,
    error: ChannelError,
  ): Promise<RefundOutcome | RefundNews> {
    if (refund.giveUpAt === undefined || Date.now() < refund.giveUpAt.getTime()) {
      return { kind: 'unavailable', error };
    }
    const news =
      refund.sentAt === undefined ? { kind: 'not_found' as const } : await ask(refund, reservation);
    return news.kind === 'not_found' ? { kind: 'declined', error } : news;
  }

  /** One look. What the channel does not know, some time after our call, never arrived and is sent again. */
  async function queryRefund(refundId: string, nextWakeAt: string): Promise<RefundProgress> {
    const { refund, reservation } = await load(refundId);
    if (isRefundOver(refund.status)) return progressOf(refund);
    await postponeRefund(deps.database, refundId, new Date(nextWakeAt));
    const said = await resolutionOf(refund);
    if (said !== undefined) return record(refundId, saidBy(said));
    const news = await ask(refund, reservation);
    if (news.kind === 'unknown') return progressOf(refund);
    if (news.kind === 'not_found') {
      if (mayStillArrive(refund)) return progressOf(refund);
      const waiting = await waitOutDoubtAt(reservation, refund);
      if (waiting !== undefined) return waiting;
    }
    return record(refundId, { news, by: 'query' });
  }

  async function waitOutDoubtAt({ channelConfigId }: Reservation, refund: StoredRefund) {
    const channel = await deps.channelOf(channelConfigId);
    return channel !== undefined && isOneByOne(channel) ? waitOutDoubt(refund) : undefined;
  }

  async function ask(refund: StoredRefund, reservation: Reservation): Promise<RefundNews> {
    const channel = await deps.channelOf(reservation.channelConfigId);
    if (channel?.provider.queryRefund === undefined) return { kind: 'unknown', error: notConfigured };
    const call = callOf(refund, channel, deps.timings.channelTimeoutMs);
    return channel.provider.queryRefund(call, await queryOf(channel, refund, reservation));
  }

  /** What names a refund at its channel: a number of ours or, where it knows only sums, what went before it. */
  async function queryOf(
    channel: Channel,
    refund: StoredRefund,
    reservation: Reservation,
  ): Promise<RefundQuery> {
    const query = { ...referencesOf(refund, reservation), amount: refund.amount };
    if (!isOneByOne(channel)) return query;
    return { ...query, refundedBefore: await refundedOf(deps.database, refund, reservation) };
  }

  async function load(refundId: string): Promise<{ refund: StoredRefund; reservation: Reservation }> {
    const refund = await loadRefund(deps.database, refundId);
    if (refund?.reservation === undefined) {
      throw failure('NotFound', `${publicId('refund', refundId)} is not set aside.`);
    }
    return { refund, reservation: refund.reservation };
  }

  /** What an operator has seen before our call could arrive is not yet the end of it. */
  async function resolutionOf(refund: StoredRefund): Promise<RefundResolution | undefined> {
    if (refund.status !== 'unknown' || mayStillArrive(refund)) return undefined;
    return findResolution(deps.database, refund.id);
  }

  function mayStillArrive({ sentAt }: StoredRefund): boolean {
    return sentAt !== undefined && Date.now() < sentAt.getTime() + deps.timings.channelTimeoutMs;
  }

  return { sendRefund, queryRefund, recordRefund: record };
}

function isOneByOne({ provider }: Channel): boolean {
  return provider.capabilities.refundsOneByOne === true;
}

function callOf(refund: StoredRefund, channel: Channel, timeoutMs: number): ChannelCall {
  return { config: channel.config, timeoutMs, correlationId: publicId('refund', refund.id) };
}

function referencesOf(refund: StoredRefund, reservation: Reservation) {
  return {
    chargeReference: attemptReference(refund.paymentId, reservation.attemptNo),
    providerRef: reservation.chargeRef,
    reference: publicId('refund', refund.id),
    currency: refund.currency,
  };
}

const notConfigured: ChannelError = {
  code: 'channel_not_configured',
  message: 'The channel of this payment is not configured any more.',
};
const notItsTurn: ChannelError = {
  code: 'earlier_refund_first',
  message: 'The channel takes one refund of a payment at a time, and one may still be on its way there.',
};
const neverAnswered: ChannelError = {
  code: 'no_answer',
  message: 'A call was sent to the channel, and nobody has written down its answer.',
};
const notSupported: ChannelError = {
  code: 'refund_not_supported',
  message: 'This channel does not give money back.',
};
