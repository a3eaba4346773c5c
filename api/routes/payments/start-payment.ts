import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerDesk, PaymentAnswer, Ticket } from '../../../domain/payment/answer';
import { waitsForChannel } from '../../../domain/payment/no-channel';
import type { PlanRefusal } from '../../../domain/payment/plan';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { PaymentState } from '../../../domain/payment/state';
import type { Database } from '../../../db/pool';
import { loadPaymentByOrder } from '../../../db/stores/payments-store';
import type { Log } from '../../../telemetry/log';
import { withinTime } from '../../../telemetry/within-time';
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
      return await answerOf(request, deadline, where, where === 'eager' ? ticket : undefined);
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

  /** Waits for who hands it over, if anybody may, and looks at the row with back-off; the last look counts whatever it sees. */
  async function answerOf(
    request: PaymentRequest,
    deadline: number,
    where: 'eager' | 'elsewhere' | 'duplicate',
    ticket: Ticket<PaymentAnswer> | undefined,
  ): Promise<Started> {
    for (let pauseMs = ticket === undefined ? 0 : lookMsMax; ; pauseMs = longer(pauseMs)) {
      const waitMs = Math.min(pauseMs, deadline - Date.now());
      const answer = await (ticket === undefined ? sleep(waitMs) : ticket.within(waitMs));
      if (answer) return toStarted(request, answer);

      const isLast = Date.now() >= deadline;
      const read = loadPaymentByOrder(deps.database, request, request.orderId);
      // A database that has fallen silent must not hold the answer up: not to know is an answer here.
      const stored = await withinTime(read, Math.max(deadline - Date.now(), lookMsMax), () => undefined);
      if (
        stored !== undefined &&
        (isLast || stored.state.status !== 'pending' || waitsForChannel(stored.state))
      ) {
        const isNew = where !== 'duplicate' && stored.request.paymentId === request.paymentId;
        return { kind: 'payment', request: stored.request, state: stored.state, isNew };
      }
      if (isLast) return { kind: 'unknown' };
    }
  }
}

function longer(pauseMs: number): number {
  return Math.min(Math.max(pauseMs * 2, firstLookMs), lookMsMax);
}

function toStarted(asked: PaymentRequest, answer: PaymentAnswer): Started {
  if (answer.kind === 'refused') return answer;
  return { ...answer, isNew: answer.request.paymentId === asked.paymentId };
}
