import { publicId } from '../../domain/ids';
import { formatAmount } from '../../domain/money/amount';
import type { ExplainedDispute } from '../../domain/payment/explain-dispute';
import type { ChannelError } from '../../domain/payment/outcome';
import type { Queryable } from '../pool';
import { toDispute, type DisputeRow } from '../stores/disputes-store';
import { takesOwnMoney } from '../stores/taken-back';
import type { TimelineLine } from './payment-timeline';

export interface EvidenceRow {
  id: string;
  dispute_id: string;
  kind: string;
  bytes: number;
  status: 'received' | 'accepted' | 'refused';
  error: ChannelError | null;
  uploaded_by: { role?: string; keyId?: string };
  created_at: Date;
  settled_at: Date | null;
  channel: string;
}

/** The newest first. */
export async function newestEvidence(
  database: Queryable,
  paymentId: string,
  limit: number,
): Promise<EvidenceRow[]> {
  const { rows } = await database.query<EvidenceRow>(
    `select e.id, e.dispute_id, e.kind, e.bytes, e.status, e.error, e.uploaded_by, e.created_at, e.settled_at, d.channel
     from disputes d join dispute_evidence e on e.dispute_id = d.id where d.payment_id = $1 order by e.id desc limit $2`,
    [paymentId, limit],
  );
  return rows;
}

/** Evidence as part of its payment's story: who gave it, and what the channel said. What it holds stays sealed. */
export function linesOfEvidence(row: EvidenceRow): TimelineLine[] {
  const { role = 'durapay', keyId } = row.uploaded_by;
  const common = { source: 'dispute' as const, reference: publicId('evidence', row.id) };
  const dispute = publicId('dispute', row.dispute_id);
  const given = {
    ...common,
    at: row.created_at,
    by: keyId === undefined ? role : `${role} (key ${publicId('apiKey', keyId)})`,
    what: `Evidence (${row.kind}${row.bytes === 0 ? '' : `, a document of ${row.bytes} bytes`}) was given for ${dispute}.`,
  };
  if (row.settled_at === null) return [given];
  return [given, { ...common, at: row.settled_at, ...fateOf(row) }];
}

/** A channel's refusal comes with its own code: one without was refused here. */
function fateOf({ channel, status, error }: EvidenceRow): Pick<TimelineLine, 'by' | 'what'> {
  if (status === 'accepted') return { by: channel, what: `${channel} took the evidence.` };
  const why = error === null ? '' : `: ${error.code}`;
  return error !== null && error.rawCode === undefined
    ? { by: 'durapay', what: `The evidence was not sent to ${channel}${why}.` }
    : { by: channel, what: `${channel} refused the evidence${why}.` };
}

/** Of evidence that was brought to the channel, which did not say what became of it. */
const isInDoubt = `exists (select from dispute_evidence e
  where e.dispute_id = d.id and e.status = 'received' and e.calls > 0) as is_evidence_in_doubt`;

export type ExplainedRow = DisputeRow & { is_evidence_in_doubt: boolean };

/** The dispute that decides what happens next: one that runs before one that has ended, the newest first. */
export async function disputeToExplain(
  database: Queryable,
  paymentId: string,
): Promise<ExplainedDispute | undefined> {
  const { rows } = await database.query<ExplainedRow>(
    `select d.*, ${isInDoubt} from disputes d where payment_id = $1 and ${takesOwnMoney}
     order by (finished_at is null) desc, id desc limit 1`,
    [paymentId],
  );
  return rows[0] && asExplained(rows[0]);
}

/** The oldest first. */
export async function runningDisputes(
  database: Queryable,
  paymentId: string,
  limit: number,
): Promise<ExplainedRow[]> {
  const { rows } = await database.query<ExplainedRow>(
    `select d.*, ${isInDoubt} from disputes d where payment_id = $1 and finished_at is null order by id limit $2`,
    [paymentId, limit],
  );
  return rows;
}

export function asExplained(row: ExplainedRow): ExplainedDispute {
  const { id, channel, status, amount, currency, reasonCode, isReminded, evidenceDueAt, wakeAt } =
    toDispute(row);
  return {
    id: publicId('dispute', id),
    channel,
    status,
    amount: `${formatAmount(amount, currency)} ${currency}`,
    reasonCode,
    isEvidenceInDoubt: row.is_evidence_in_doubt,
    isReminded,
    evidenceDueAt: evidenceDueAt?.toISOString(),
    wakeAt: wakeAt?.toISOString(),
  };
}
