import { z } from 'zod';
import { disputeToExplain } from '../../../db/read-models/dispute-lines';
import { listMoneyBeside } from '../../../db/read-models/money-beside';
import { loadTimeline, type TimelineLine } from '../../../db/read-models/payment-timeline';
import { loadHistory, type KeptHistory } from '../../../db/stores/payment-histories-store';
import type { StoredPayment } from '../../../db/stores/payments-store';
import { explain } from '../../../domain/payment/explain';
import type { StuckStep } from '../../../domain/payment/explain-stuck';
import { presentPayment } from '../../../domain/payment/present';
import { paymentWorkflowId } from '../../../domain/payment/reference';
import type { Log } from '../../../telemetry/log';
import { fail } from '../../errors';
import { defineRoute, type Route } from '../../route';
import { findPayment } from './commands';
import { paymentBody } from './messages';
import { findUnfinished, stuckIn, type UnfinishedDeps } from './unfinished';

export interface TimelineDeps extends UnfinishedDeps {
  /** The workflow's own story, as long as Temporal has it. */
  readHistory(workflowId: string): Promise<KeptHistory | undefined>;
}

const timelineBody = z
  .object({
    object: z.literal('timeline'),
    payment: paymentBody,
    why: z.string().meta({ description: 'Why the payment is in this state.' }),
    next: z.array(z.object({ what: z.string(), by: z.string().nullable() })).meta({
      description: 'What happens next, and by when at the latest; null where it depends on people alone.',
    }),
    workflow: z.object({
      id: z.string(),
      history: z.enum(['live', 'kept', 'unavailable']).meta({
        description:
          'Where its part of the story comes from: Temporal, the copy in the database, or nowhere just now.',
      }),
    }),
    lines: z.array(
      z.object({
        at: z.iso.datetime(),
        source: z.string(),
        by: z.string(),
        what: z.string(),
        reference: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Timeline' });

export function timelineRoutes(deps: TimelineDeps): Route[] {
  const timeline = defineRoute({
    operationId: 'explainPayment',
    method: 'get',
    path: '/payments/{id}/timeline',
    tag: 'Payments',
    summary: 'Explain a payment: one ordered story, why it is in its state, and what happens next',
    auth: 'either',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    responses: { 200: { description: 'The story.', body: timelineBody } },
    errors: ['not_found'],
    handler: async ({ caller, params, log }) => {
      const stored = await findPayment(deps.database, caller, params.id);
      if (stored === undefined) return fail('not_found');
      const { request, state, attempt, plan } = stored;
      const workflowId = paymentWorkflowId(request.mode, request.merchantId, request.orderId);
      const [known, { history, origin, stuck }, dispute, unfinished, moneyBeside] = await Promise.all([
        loadTimeline(deps.database, stored, caller),
        storyOf(stored, workflowId, log),
        state.status === 'disputed' || state.isPartDisputed === true
          ? disputeToExplain(deps.database, request.paymentId)
          : undefined,
        findUnfinished(deps, stored, log),
        listMoneyBeside(deps.database, request.paymentId),
      ]);
      const told = (history?.lines ?? []).map(({ at, what }): TimelineLine => {
        return { at: new Date(at), source: 'workflow', by: 'temporal', what, reference: workflowId };
      });
      const lines = [...known, ...told].sort((left, right) => left.at.getTime() - right.at.getTime());
      const { why, next } = explain({
        ...{ status: state.status, lastError: state.lastError, attemptNo: state.attemptNo },
        ...{
          channel: attempt.channel,
          attemptStatus: attempt.status,
          rules: plan.rules,
          review: plan.review,
        },
        expiresAt: request.expiresAt,
        wakeAt: stored.wakeAt?.toISOString(),
        ...{ dispute, stuck, unfinished, moneyBeside },
      });
      return {
        status: 200 as const,
        body: {
          object: 'timeline' as const,
          payment: presentPayment(request, state),
          why,
          next,
          workflow: { id: workflowId, history: origin },
          lines: lines.map((line) => ({ ...line, at: line.at.toISOString() })),
        },
      };
    },
  });

  /** The copy once there is one; Temporal before that. Its absence costs a part of the story, not the answer. */
  async function storyOf(
    { request }: StoredPayment,
    workflowId: string,
    log: Log,
  ): Promise<{ history?: KeptHistory; origin: 'live' | 'kept' | 'unavailable'; stuck?: StuckStep }> {
    const kept = await loadHistory(deps.database, request.paymentId);
    if (kept !== undefined) return { history: kept, origin: 'kept' };
    try {
      const [history, stuck] = await Promise.all([
        deps.readHistory(workflowId),
        stuckIn(deps, workflowId, log),
      ]);
      return { history, origin: history === undefined ? 'unavailable' : 'live', stuck };
    } catch (error) {
      log.warn({ err: error }, 'a timeline was told without the workflow’s history');
      return { origin: 'unavailable' };
    }
  }

  return [timeline];
}
