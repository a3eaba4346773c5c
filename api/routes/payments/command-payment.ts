import type { Client } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Database } from '../../../db/pool';
import { loadPaymentById } from '../../../db/stores/payments-store';
import type { NewsDesk } from '../../../domain/payment/answer';
import type { PaymentRequest } from '../../../domain/payment/request';
import { paymentWorkflowId } from '../../../domain/payment/reference';
import type { PaymentState } from '../../../domain/payment/state';
import { isFinal } from '../../../domain/payment/status';
import type { Log } from '../../../telemetry/log';
import { updateNames, type Command, type CommandRefusal } from '../../../workflows/contracts';
import { askOrRevive } from '../../ask-or-revive';
import { createAskWorkflow } from '../../ask-workflow';

export interface CommandPaymentDeps {
  database: Database;
  client: Client;
  /** Gives an open payment a workflow again that Temporal has lost. */
  resumePayment(request: PaymentRequest): Promise<unknown>;
  /** Where the payment's first step may still wait for news: a command must not wait for that. */
  firstNews: Pick<NewsDesk, 'deliver'>;
  log: Log;
  /** Shorter than a request's life: what takes longer is told to its repeat. */
  answerWithinMs: number;
}

export type Commanded =
  | { kind: 'done'; state: PaymentState }
  | ({ kind: 'refused' } & CommandRefusal)
  /** It was accepted, and goes on without this request. */
  | { kind: 'under_way' };

/** Asks a payment's workflow for something and waits for the end of it, within bounds. */
export function createCommandPayment(deps: CommandPaymentDeps) {
  const { database, client, resumePayment, firstNews, log, answerWithinMs } = deps;
  const askWorkflow = createAskWorkflow(client);
  return function commandPayment(
    request: PaymentRequest,
    command: Command,
    refusals: number,
  ): Promise<Commanded> {
    return askOrRevive<Commanded>(() => ask(request, command, updateIdOf(command, refusals)), {
      whatEnded: () => whatEnded(request),
      revive() {
        log.warn({ paymentId: request.paymentId }, 'an open payment had no workflow; it is given one');
        return resumePayment(request);
      },
    });
  };

  async function whatEnded({ paymentId }: PaymentRequest): Promise<Commanded | undefined> {
    const now = await loadPaymentById(database, paymentId);
    return now && isFinal(now.state.status) ? { kind: 'refused', code: 'payment_closed' } : undefined;
  }

  async function ask(request: PaymentRequest, command: Command, updateId: string): Promise<Commanded> {
    const workflowId = paymentWorkflowId(request.mode, request.merchantId, request.orderId);
    const deadline = Date.now() + answerWithinMs;
    const asked = { ...command, answerBy: new Date(deadline).toISOString() };
    firstNews.deliver(workflowId, 'news');
    try {
      const question = { workflowId, update: updateNames.command, asked, updateId, deadline };
      const answer = await askWorkflow<PaymentState, Command>(question);
      return answer.kind === 'done' ? { kind: 'done', state: answer.result } : answer;
    } catch (error) {
      const refusal = refusalIn(error);
      // A run that stopped can't say how its payment stands; the row can.
      const ended = refusal?.code === 'payment_in_doubt' ? await whatEnded(request) : undefined;
      if (ended !== undefined) return ended;
      if (refusal !== undefined) return { kind: 'refused', ...refusal };
      throw error;
    }
  }
}

/**
 * Temporal gives the same answer to the same id: whoever never heard it gets it so. A refusal that was heard is over,
 * and what is asked after it is looked at again. Two of one command are never at work at once: the next id begins
 * when the one before it has ended.
 */
function updateIdOf({ id }: Command, refusals: number): string {
  return refusals === 0 ? id : `${id}.${refusals}`;
}

function refusalIn(error: unknown): CommandRefusal | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'CommandRefused') return undefined;
  return cause.details?.[0] as CommandRefusal | undefined;
}
