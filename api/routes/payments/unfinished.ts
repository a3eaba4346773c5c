import type { Database } from '../../../db/pool';
import { listUnfinished, type UnfinishedRow } from '../../../db/read-models/unfinished';
import type { StoredPayment } from '../../../db/stores/payments-store';
import { publicId } from '../../../domain/ids';
import type { StuckStep, Unfinished } from '../../../domain/payment/explain-stuck';
import { isFinal } from '../../../domain/payment/status';
import type { Log } from '../../../telemetry/log';
import { callbackWorkflowId, lateWorkflowId, refundWorkflowId } from '../../../workflows/contracts';

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

/** News of an open payment are its own workflow's to write down. */
function workflowOf(row: UnfinishedRow, hasEnded: boolean): string | undefined {
  switch (row.kind) {
    case 'refund':
      return refundWorkflowId(row.id);
    case 'callback':
      return callbackWorkflowId(row.id);
    case 'event':
      return hasEnded ? lateWorkflowId(row.id) : undefined;
  }
}

function present(row: UnfinishedRow): Unfinished {
  switch (row.kind) {
    case 'refund':
      return { ...row, id: publicId('refund', row.id), channel: row.channel ?? undefined };
    case 'callback':
      return { kind: row.kind, id: publicId('event', row.id), type: row.type };
    case 'event':
      return { kind: row.kind, channel: row.channel, at: row.at.toISOString(), says: row.says };
  }
}
