import type { Database } from '../../../db/pool';
import { listUnfinished, type UnfinishedRow } from '../../../db/read-models/unfinished';
import type { StoredPayment } from '../../../db/stores/payments-store';
import type { SuspendedMoney } from '../../../db/stores/suspense-store';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import type { StuckStep } from '../../../domain/payment/explain-stuck';
import type { Unfinished } from '../../../domain/payment/explain-unfinished';
import { isFinal } from '../../../domain/payment/status';
import type { Log } from '../../../telemetry/log';
import { suspenseId } from '../../../domain/suspense/suspense-id';
import {
  callbackWorkflowId,
  disputeWorkflowId,
  lateWorkflowId,
  refundWorkflowId,
  suspenseWorkflowId,
} from '../../../workflows/contracts';

export interface UnfinishedDeps {
  database: Database;
  /** The step that a workflow repeats, if there is one; it rejects while Temporal is away. */
  readStuckStep(workflowId: string): Promise<StuckStep | undefined>;
}

/** What a payment's other workflows have not finished yet, with the step that each of them can't get past. */
export async function findUnfinished(
  deps: UnfinishedDeps,
  { request, state }: StoredPayment,
  log: Log,
): Promise<Unfinished[]> {
  const rows = await listUnfinished(deps.database, request.paymentId);
  return Promise.all(
    rows.map(async (row) => {
      const workflowId = workflowOf(row, isFinal(state.status));
      return {
        ...present(row),
        stuck: workflowId === undefined ? undefined : await stuckIn(deps, workflowId, log),
      };
    }),
  );
}

/** Without Temporal the story has fewer reasons; it is told all the same. */
export async function stuckIn(
  deps: UnfinishedDeps,
  workflowId: string,
  log: Log,
): Promise<StuckStep | undefined> {
  return deps.readStuckStep(workflowId).catch((error: unknown) => {
    log.warn({ err: error, workflowId }, 'a timeline was told without what a workflow waits for');
    return undefined;
  });
}

function workflowOf(row: UnfinishedRow, hasEnded: boolean): string | undefined {
  switch (row.kind) {
    case 'refund':
      return refundWorkflowId(row.id);
    case 'callback':
      return callbackWorkflowId(row.id);
    case 'event':
      return workflowOfEvent(row, hasEnded);
    case 'suspense':
      return suspenseWorkflowId(row.held);
    case 'dispute':
      return disputeWorkflowId(row);
  }
}

/** News of an open payment's charge are its own workflow's to write down. */
function workflowOfEvent(
  { id, channelConfigId, disputeRef }: UnfinishedRow & { kind: 'event' },
  hasEnded: boolean,
): string | undefined {
  if (disputeRef !== null) return disputeWorkflowId({ channelConfigId, providerRef: disputeRef });
  return hasEnded ? lateWorkflowId(id) : undefined;
}

function present(row: UnfinishedRow): Unfinished {
  switch (row.kind) {
    case 'refund':
      return presentRefund(row);
    case 'callback':
      return { kind: row.kind, id: publicId('event', row.id), type: row.type };
    case 'event':
      return {
        ...{ kind: row.kind, channel: row.channel, at: row.at.toISOString(), says: row.says },
        isOfDispute: row.disputeRef !== null,
      };
    case 'dispute':
      return { kind: row.kind, ...row.dispute };
    case 'suspense':
      return presentHeld(row.held);
  }
}

function presentRefund({
  id,
  status,
  channel,
  message,
  waitsFor,
}: UnfinishedRow & { kind: 'refund' }): Unfinished {
  return {
    ...{ kind: 'refund', id: publicId('refund', id), status },
    channel: channel ?? undefined,
    message: message ?? undefined,
    waitsFor: waitsFor === null ? undefined : publicId('refund', waitsFor),
  };
}

function presentHeld(held: SuspendedMoney): Unfinished {
  return {
    kind: 'suspense',
    id: suspenseId(held),
    amount: `${formatAmount(held.amount, held.currency)} ${held.currency}`,
    decision: held.decision ?? held.rule,
  };
}
