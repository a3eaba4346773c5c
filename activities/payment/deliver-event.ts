import type { Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Database } from '../../db/pool';
import { lowestIdAt } from '../../db/ids';
import { findChargedAttempt } from '../../db/stores/charges-store';
import { isDisputable } from '../../db/stores/disputed-charges-store';
import { loadPaymentById } from '../../db/stores/payments-store';
import { publicId } from '../../domain/ids';
import { findAddress, ignoreArrivals, type UnsettledArrival } from '../../db/stores/webhook-inbox-store';
import { dated } from '../../domain/payment/moved-at';
import type { NewsDesk } from '../../domain/payment/answer';
import type { ChannelEvent, DisputeEvent } from '../../domain/payment/outcome';
import {
  attemptReference,
  parseAttemptReference,
  paymentWorkflowId,
  type AttemptName,
} from '../../domain/payment/reference';
import type { PaymentRequest } from '../../domain/payment/request';
import { isFinal, type PaymentStatus } from '../../domain/payment/status';
import { toldMoney } from '../../domain/payment/told-money';
import {
  lateWorkflowId,
  signalNames,
  workflowNames,
  workflowTaskTimeout,
  type LateInput,
  type SignalledEvent,
  type TaskQueues,
} from '../../workflows/contracts';
import type { RefreshCustomer } from '../customer/refresh';
import type { Log } from '../../telemetry/log';
import type { DisputeStarter } from '../dispute/workflow-starter';
import { createDeliverRefundNews } from '../refund/deliver-news';
import type { RefundStarter } from '../refund/workflow-starter';
import { createSoon, newsWithinMs } from '../soon';
import { isAlreadyStarted, isWorkflowNotFound } from './workflow-starter';

export interface DeliverEventDeps {
  database: Database;
  client: Client;
  queues: TaskQueues;
  resumePayment(request: PaymentRequest): Promise<'resumed' | 'running'>;
  refunds: Pick<RefundStarter, 'deliver'>;
  disputes: Pick<DisputeStarter, 'deliver'>;
  refreshCustomer: RefreshCustomer;
  /** Where a payment's first step may wait for it. */
  firstNews: Pick<NewsDesk, 'deliver'>;
  log: Log;
}

const unknownWaitsMs = 86_400_000;

const hasWaited = (inboxId: string) => inboxId < lowestIdAt(new Date(Date.now() - unknownWaitsMs));

function isNamed(news: Extract<ChannelEvent, { about: 'dispute' }>): news is DisputeEvent {
  return news.reference !== undefined;
}

/**
 * Brings an event that stands in the inbox to whoever must act on it: the payment's workflow, a new run of it
 * if Temporal lost it, or the workflow for late events. The inbox row counts as applied only when a payment's
 * change says so, therefore delivering twice or not at all is mended by the next sweep.
 */
export function createDeliverEvent(deps: DeliverEventDeps) {
  const { database, client, queues, resumePayment, disputes, refreshCustomer, firstNews, log } = deps;
  const deliverRefundNews = createDeliverRefundNews(deps);
  const soon = createSoon(client, newsWithinMs);

  return async function deliverEvent(arrival: UnsettledArrival): Promise<void> {
    const { inboxId, channelConfigId } = arrival;
    const event = dated(arrival.event);
    if (event.about === 'refund') return deliverRefundNews(arrival, event);
    if (event.about === 'dispute') return deliverDispute(arrival, event);
    if (event.about === 'customer') {
      return refreshCustomer({ inboxId, channelConfigId, customerRef: event.customerRef });
    }
    const address = arrival.address ?? (await addressOfMoney(arrival));
    if (address === undefined) return;
    if (!isFinal(address.status)) {
      if (await signal(address, { inboxId, channelConfigId, event })) return;
      const stored = await loadPaymentById(database, address.paymentId);
      if (stored !== undefined && !isFinal(stored.state.status)) {
        await resumePayment(stored.request);
        if (await signal(address, { inboxId, channelConfigId, event })) return;
      }
    }
    await startLate(inboxId);
  };

  /**
   * Of an attempt that nobody knew when the event came. Money under a name of ours is never let go in silence: it waits
   * for a day, and is looked at by each sweep, for the attempt may come back with a backup.
   */
  async function addressOfMoney({ inboxId, channelConfigId, event }: UnsettledArrival) {
    const money = toldMoney(event);
    const address = money && (await findAddress(database, inboxId, money.attempt));
    if (address !== undefined || (money !== undefined && !hasWaited(inboxId))) return address;
    if (money !== undefined) {
      const channelConfig = publicId('channelConfig', channelConfigId);
      log.error(
        { channelConfig, reference: money.reference, ...money.charge, inboxId },
        'money was told for an attempt that this channel was never given, and a day later there is none: let go',
      );
    }
    await ignoreArrivals(database, [inboxId]);
    return undefined;
  }

  /** One that overtook the news of its payment's success, or of its capture, waits in the inbox for the sweep. */
  async function deliverDispute(
    { inboxId, channelConfigId, address }: UnsettledArrival,
    news: Extract<ChannelEvent, { about: 'dispute' }>,
  ): Promise<void> {
    if (isNamed(news)) {
      if (address === undefined) return ignoreArrivals(database, [inboxId]);
      const named = parseAttemptReference(news.reference);
      if (named === undefined) return ignoreArrivals(database, [inboxId]);
      if (!(await mayBegin(address.status, { ...named, channelConfigId }, news))) return undefined;
      return disputes.deliver({ inboxId, channelConfigId, event: news }, address);
    }
    const { chargeRef: providerRef = '' } = news;
    const attempt = await findChargedAttempt(database, { channelConfigId, providerRef });
    const stored = attempt && (await loadPaymentById(database, attempt.paymentId));
    if (attempt === undefined || stored === undefined) {
      // An account may serve others than us: what nobody here has charged for a day is theirs.
      return hasWaited(inboxId) ? ignoreArrivals(database, [inboxId]) : undefined;
    }
    if (!(await mayBegin(stored.state.status, { ...attempt, channelConfigId }, news))) return undefined;
    const event = { ...news, reference: attemptReference(attempt.paymentId, attempt.attemptNo) };
    return disputes.deliver({ inboxId, channelConfigId, event }, stored.request);
  }

  async function mayBegin(
    status: PaymentStatus,
    charged: AttemptName & { channelConfigId: string },
    { dispute }: Extract<ChannelEvent, { about: 'dispute' }>,
  ): Promise<boolean> {
    return isFinal(status) || isDisputable(database, charged, dispute);
  }

  async function signal(
    address: NonNullable<UnsettledArrival['address']>,
    told: SignalledEvent,
  ): Promise<boolean> {
    const workflowId = paymentWorkflowId(address.mode, address.merchantId, address.orderId);
    try {
      await soon(() => client.workflow.getHandle(workflowId).signal(signalNames.channelEvent, told));
      firstNews.deliver(workflowId, 'news');
      return true;
    } catch (error) {
      if (isWorkflowNotFound(error)) return false;
      throw error;
    }
  }

  async function startLate(inboxId: string): Promise<void> {
    const input: LateInput = { inboxId };
    try {
      await soon(() =>
        client.workflow.start(workflowNames.late, {
          workflowId: lateWorkflowId(inboxId),
          taskQueue: queues.operations,
          args: [input],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          workflowTaskTimeout,
        }),
      );
    } catch (error) {
      if (!isAlreadyStarted(error)) throw error;
    }
  }
}
