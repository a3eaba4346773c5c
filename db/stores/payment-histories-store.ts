import type { HistoryLine } from '../../domain/payment/history-lines';
import type { Queryable } from '../pool';

export interface KeptHistory {
  workflowId: string;
  runId: string;
  lines: HistoryLine[];
}

/** A payment that got a second run keeps the lines of both, the earlier first. */
export async function keepHistory(
  database: Queryable,
  paymentId: string,
  history: KeptHistory,
): Promise<void> {
  await database.query(
    `insert into payment_histories as h (payment_id, workflow_id, run_id, lines) values ($1, $2, $3, $4)
     on conflict (payment_id) do update set run_id = excluded.run_id, kept_at = now(),
       lines = case when h.run_id = excluded.run_id then excluded.lines else h.lines || excluded.lines end`,
    [paymentId, history.workflowId, history.runId, JSON.stringify(history.lines)],
  );
}

export async function loadHistory(database: Queryable, paymentId: string): Promise<KeptHistory | undefined> {
  const { rows } = await database.query<{ workflow_id: string; run_id: string; lines: HistoryLine[] }>(
    'select workflow_id, run_id, lines from payment_histories where payment_id = $1',
    [paymentId],
  );
  const row = rows[0];
  return row && { workflowId: row.workflow_id, runId: row.run_id, lines: row.lines };
}
