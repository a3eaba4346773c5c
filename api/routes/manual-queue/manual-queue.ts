import { z } from 'zod';
import { loadManualQueue, type QueuedPayment } from '../../../db/read-models/manual-queue';
import { loadPaymentById } from '../../../db/stores/payments-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { waitsForChannel } from '../../../domain/payment/no-channel';
import type { Command } from '../../../workflows/contracts';
import { askedBy, type AdminCaller } from '../../caller';
import { fail } from '../../errors';
import { defineRoute, type Idempotency, type Route } from '../../route';
import { amountOutput } from '../../schemas/amount';
import { channelName } from '../../schemas/channel-name';
import { idInPath, idOutput } from '../../schemas/ids';
import { listOf, pageQuery, toList } from '../../schemas/list';
import { modeField } from '../../schemas/mode';
import { askPayment, type AskPaymentDeps } from './ask-payment';
import { commandResponses } from '../payments/commands';
import { doneBefore } from '../payments/done-before';

const tag = 'Manual queue';

const queuedOutput = z
  .object({
    object: z.literal('queued_payment'),
    paymentId: idOutput('payment'),
    merchantId: idOutput('merchant'),
    mode: z.string(),
    orderId: z.string(),
    amount: amountOutput,
    currency: z.string(),
    reason: z.literal('no_channel'),
    considered: z.array(
      z.object({ channelId: idOutput('channelConfig'), channel: z.string(), reason: z.string() }),
    ),
    lastFailure: z.string().nullable(),
    waitingSince: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'QueuedPayment' });

const decision = z.strictObject({ reason: z.string().trim().min(1).max(500) }).meta({ id: 'ManualDecision' });
const retryBody = decision
  .extend({
    provider: channelName.optional().meta({
      description:
        'A channel by name; without it the one that the merchant named, if it named one; "auto": whichever fits.',
    }),
  })
  .meta({ id: 'RetryQueuedPayment' });
const params = z.strictObject({ paymentId: idInPath('payment') });
const errors = [
  'not_found',
  'payment_closed',
  'payment_in_doubt',
  'not_in_queue',
  'not_cancellable',
  'not_capturable',
  'not_retryable',
  'not_in_review',
  'attempts_exhausted',
  'attempt_begun',
  'capture_exceeds_authorized',
  'already_paid',
  'channel_refused',
  'too_many_commands',
  'command_outcome_unknown',
] as const;

/** Payments that no channel could take: they wait here for an operator until they expire. */
export function manualQueueRoutes(deps: AskPaymentDeps): Route[] {
  const list = defineRoute({
    operationId: 'listManualQueue',
    method: 'get',
    path: '/admin/manual-queue',
    tag,
    summary: 'List payments that no channel could take, oldest first',
    auth: 'admin',
    query: z.strictObject({ ...pageQuery('payment'), mode: modeField.optional() }),
    responses: { 200: { description: 'One page.', body: listOf(queuedOutput) } },
    errors: [],
    handler: async ({ query }) => {
      const rows = await loadManualQueue(deps.database, query);
      return { status: 200, body: toList(rows, query.limit, present) };
    },
  });

  const retry = defineRoute({
    operationId: 'retryQueuedPayment',
    method: 'post',
    path: '/admin/manual-queue/{paymentId}/retry',
    tag,
    summary: 'Take a waiting payment to a channel that can take it now',
    description: 'The channel is chosen anew. The merchant is told what its customer has to do.',
    auth: 'admin',
    params,
    body: retryBody,
    responses: commandResponses,
    errors,
    handler: ({ caller, params: { paymentId }, body, idempotency }) =>
      decide(paymentId, { ...head(idempotency, caller), kind: 'retry', ...body }, idempotency),
  });

  const cancel = defineRoute({
    operationId: 'cancelQueuedPayment',
    method: 'post',
    path: '/admin/manual-queue/{paymentId}/cancel',
    tag,
    summary: 'Give a waiting payment up',
    auth: 'admin',
    params,
    body: decision,
    responses: commandResponses,
    errors,
    handler: ({ caller, params: { paymentId }, body, idempotency }) =>
      decide(
        paymentId,
        { ...head(idempotency, caller), kind: 'cancel', isQueued: true, ...body },
        idempotency,
      ),
  });

  return [list, retry, cancel];

  async function decide(paymentId: string, command: Command, idempotency: Idempotency) {
    const stored = await loadPaymentById(deps.database, paymentId);
    if (stored === undefined) return fail('not_found');
    const done = await doneBefore(deps.database, stored, command);
    if (done !== undefined) return done;
    // Only what waits here; the workflow looks again, for another command may come between.
    if (!waitsForChannel(stored.state)) return fail('not_in_queue');
    return askPayment(deps, stored, command, idempotency);
  }
}

function head({ resourceId: id }: Idempotency, caller: AdminCaller): Pick<Command, 'id' | 'by'> {
  return { id, by: askedBy(caller) };
}

function present(row: QueuedPayment): z.input<typeof queuedOutput> {
  return {
    object: 'queued_payment',
    paymentId: publicId('payment', row.id),
    merchantId: publicId('merchant', row.merchantId),
    mode: row.mode,
    orderId: row.orderId,
    amount: formatAmount(row.amount, row.currency),
    currency: row.currency,
    reason: 'no_channel',
    considered: row.considered.map(({ channelConfigId, channel, reason }) => {
      return { channelId: publicId('channelConfig', channelConfigId), channel, reason };
    }),
    lastFailure: row.lastFailure,
    waitingSince: row.waitingSince.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}
