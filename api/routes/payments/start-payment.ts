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
  startWorkflow(request: PaymentRequest): Promise<Where>;
  log: Log;
  answerWithinMs: number;
}

export type Started =
  | { kind: 'payment'; request: PaymentRequest; state: PaymentState; isNew: boolean }
  | { kind: 'refused'; refusal: PlanRefusal }
  /** The start was sent and nothing is known of it yet. */
  | { kind: 'unknown' };

type Where = 'eager' | 'elsewhere' | 'duplicate';

const firstLookMs = 15;
const lookMsMax = 500;
/** A run that was joined writes its row sooner, or is refused. */
const startAgainFromMs = 200;

/**
 * Starts a payment and waits for what the merchant wants to know. The workflow hands its answer over inside
 * this process; where it runs elsewhere, or ran before, the row is read, and where it takes long too: a step that is
 * repeated may be repeated by another process. Only what is committed is answered.
 */
export function createStartPayment(deps: StartPaymentDeps) {
  return async function startPayment(request: PaymentRequest): Promise<Started> {
    const deadline = Date.now() + deps.answerWithinMs;
    for (;;) {
      const started = await startOnce(request, deadline);
      if (started !== undefined) return started;
    }
  };

  /** Undefined: the run that it joined left no row so far. If that was refused, the next start has a run of its own. */
  async function startOnce(request: PaymentRequest, deadline: number): Promise<Started | undefined> {
    const ticket = deps.answers.wait(paymentWorkflowId(request.mode, request.merchantId, request.orderId));
    try {
      const where = await sendStart(request, deadline);
      return await answerOf(request, deadline, where, where === 'elsewhere' ? undefined : ticket);
    } finally {
      ticket?.leave();
    }
  }

  /** A start whose answer got lost may have happened: the row will tell. */
  async function sendStart(request: PaymentRequest, deadline: number): Promise<Where> {
    try {
      const started = deps.startWorkflow(request);
      return await withinTime(started, deadline - Date.now(), () => 'elsewhere' as const);
    } catch (error) {
      deps.log.warn({ err: error, orderId: request.orderId }, 'the start of a payment was not confirmed');
      return 'elsewhere';
    }
  }

  /** Waits for who hands it over, if anybody may, and looks at the row with back-off; the last look counts whatever it sees. */
  async function answerOf(
    request: PaymentRequest,
    deadline: number,
    where: Where,
    given: Ticket<PaymentAnswer> | undefined,
  ): Promise<Started | undefined> {
    let ticket = given;
    // A refusal of it would never be heard of here.
    let isUnheard = where === 'duplicate';
    for (let pauseMs = ticket === undefined || isUnheard ? 0 : lookMsMax; ; pauseMs = longer(pauseMs)) {
      const waitMs = Math.min(pauseMs, deadline - Date.now());
      const answer = await (ticket === undefined ? sleep(waitMs) : ticket.within(waitMs));
      if (answer && isMeantFor(request, where, answer)) return toStarted(request, answer);
      if (answer) {
        // It brings one answer, and that was for another.
        ticket = undefined;
        isUnheard = true;
      }

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
      if (stored === undefined && isUnheard && pauseMs >= startAgainFromMs) return undefined;
    }
  }
}

function longer(pauseMs: number): number {
  return Math.min(Math.max(pauseMs * 2, firstLookMs), lookMsMax);
}

/** All who wait under the orderId are handed what its runs bring, and what is refused to one may be granted to another. */
function isMeantFor(asked: PaymentRequest, where: Where, { kind, request }: PaymentAnswer): boolean {
  if (request.paymentId === asked.paymentId) return true;
  if (where === 'eager') return kind === 'payment';
  return kind === 'refused' && request.requestHash === asked.requestHash;
}

function toStarted(asked: PaymentRequest, answer: PaymentAnswer): Started {
  if (answer.kind === 'refused') return { kind: 'refused', refusal: answer.refusal };
  return { ...answer, isNew: answer.request.paymentId === asked.paymentId };
}
