import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerDesk, AnswerTicket, PaymentAnswer } from '../../../domain/payment/answer';
import { waitsForChannel } from '../../../domain/payment/no-channel';
import type { PlanRefusal } from '../../../domain/payment/plan';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { PaymentState } from '../../../domain/payment/state';
import type { Database } from '../../../db/pool';
import { loadPaymentByOrder } from '../../../db/stores/payments-store';
import type { Log } from '../../../telemetry/log';
import { paymentWorkflowId } from '../../../domain/payment/reference';

export interface StartPaymentDeps {
  database: Database;
  answers: AnswerDesk;
  /** Sends the start. True: the first task came back in the same answer and runs in this process. */
  startWorkflow(request: PaymentRequest): Promise<'eager' | 'elsewhere' | 'duplicate'>;
  log: Log;
  answerWithinMs: number;
}

export type Started =
  | { kind: 'payment'; request: PaymentRequest; state: PaymentState; isNew: boolean }
  | { kind: 'refused'; refusal: PlanRefusal }
  /** The start was sent and nothing is known of it yet. */
  | { kind: 'unknown' };

const firstLookMs = 15;
const lookMsMax = 500;

/**
 * Starts a payment and waits for what the merchant wants to know. The workflow hands its answer over inside
 * this process; where it runs elsewhere, or ran before, the row is read, and where it takes long too: a step that is
 * repeated may be repeated by another process. Only what is committed is answered.
 */
export function createStartPayment(deps: StartPaymentDeps) {
  return async function startPayment(request: PaymentRequest): Promise<Started> {
    const deadline = Date.now() + deps.answerWithinMs;
    const workflowId = paymentWorkflowId(request.mode, request.merchantId, request.orderId);
    const ticket = deps.answers.wait(workflowId);
    try {
      const where = await sendStart(request);
      if (where !== 'eager' || ticket === undefined) {
        return await lookUntil(deadline, request, where === 'duplicate');
      }
      const answer = await ticket.within(Math.min(lookMsMax, deadline - Date.now()));
      if (answer !== undefined) return toStarted(request, answer);
      return await lookUntil(deadline, request, false, ticket);
    } finally {
      ticket?.leave();
    }
  };

  /** A start whose answer got lost may have happened: the row will tell. */
  async function sendStart(request: PaymentRequest): Promise<'eager' | 'elsewhere' | 'duplicate'> {
    try {
      return await deps.startWorkflow(request);
    } catch (error) {
      deps.log.warn({ err: error, orderId: request.orderId }, 'the start of a payment was not confirmed');
      return 'elsewhere';
    }
  }

  /** With back-off, until there is an answer or the time is over; the last look counts whatever it sees. */
  async function lookUntil(
    deadline: number,
    request: PaymentRequest,
    isDuplicate: boolean,
    ticket?: AnswerTicket,
  ): Promise<Started> {
    const firstMs = ticket === undefined ? firstLookMs : lookMsMax;
    for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * 2, lookMsMax)) {
      const read = loadPaymentByOrder(deps.database, request, request.orderId);
      const stored = await within(Math.max(deadline - Date.now(), lookMsMax), read);
      const leftMs = deadline - Date.now();
      const isLast = leftMs <= (ticket === undefined ? pauseMs : 0);
      if (
        stored !== undefined &&
        (isLast || stored.state.status !== 'pending' || waitsForChannel(stored.state))
      ) {
        const isNew = !isDuplicate && stored.request.paymentId === request.paymentId;
        return { kind: 'payment', request: stored.request, state: stored.state, isNew };
      }
      if (isLast) return { kind: 'unknown' };
      const answer = await (ticket?.within(Math.min(pauseMs, leftMs)) ?? sleep(pauseMs));
      if (answer) return toStarted(request, answer);
    }
  }
}

/** A database that has fallen silent must not hold the answer up: not to know is an answer here. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function toStarted(asked: PaymentRequest, answer: PaymentAnswer): Started {
  if (answer.kind === 'refused') return answer;
  return { ...answer, isNew: answer.request.paymentId === asked.paymentId };
}
