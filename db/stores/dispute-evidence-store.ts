import { evidencePerDisputeMax, type EvidenceKind } from '../../domain/dispute/evidence';
import type { ChannelError } from '../../domain/payment/outcome';
import type { Queryable } from '../pool';

export interface StoredEvidence {
  id: string;
  disputeId: string;
  kind: EvidenceKind;
  contentType: string;
  bytes: number;
  status: 'received' | 'accepted' | 'refused';
  error?: ChannelError;
  createdAt: Date;
}

export interface NewEvidence {
  id: string;
  disputeId: string;
  kind: EvidenceKind;
  contentType: string;
  bytes: number;
  /** Sealed. */
  content: Buffer;
  uploadedBy: { role: 'merchant' | 'operator'; keyId: string };
}

/** Where it stands: sealed for one row, it can't be opened in another. */
export function evidencePlace(evidenceId: string): string {
  return `dispute_evidence.content/${evidenceId}`;
}

/** 'known': it stands there already, from a request that is being repeated. */
export async function insertEvidence(
  database: Queryable,
  evidence: NewEvidence,
): Promise<'new' | 'known' | 'too_much'> {
  const { rows } = await database.query<{ is_new: boolean; is_known: boolean }>(
    `
with room as (
  select id from disputes where id = $2
    and (select count(*) from dispute_evidence where dispute_id = $2 and status <> 'refused') < $8
), made as (
  insert into dispute_evidence (id, dispute_id, kind, content_type, bytes, content, uploaded_by)
  select $1, id, $3, $4, $5, $6, $7 from room on conflict (id) do nothing returning id
)
select exists (select from made) as is_new, exists (select from dispute_evidence where id = $1 and dispute_id = $2) as is_known`,
    [
      evidence.id,
      evidence.disputeId,
      evidence.kind,
      evidence.contentType,
      evidence.bytes,
      evidence.content,
      JSON.stringify(evidence.uploadedBy),
      evidencePerDisputeMax,
    ],
  );
  if (rows[0]?.is_new === true) return 'new';
  return rows[0]?.is_known === true ? 'known' : 'too_much';
}

interface Row {
  id: string;
  dispute_id: string;
  kind: EvidenceKind;
  content_type: string;
  bytes: number;
  status: StoredEvidence['status'];
  error: ChannelError | null;
  created_at: Date;
}

const columns = 'id, dispute_id, kind, content_type, bytes, status, error, created_at';

export async function loadEvidence(
  database: Queryable,
  evidenceId: string,
): Promise<(StoredEvidence & { content: Buffer }) | undefined> {
  const { rows } = await database.query<Row & { content: Buffer }>(
    `select ${columns}, content from dispute_evidence where id = $1`,
    [evidenceId],
  );
  return rows[0] && { ...toEvidence(rows[0]), content: rows[0].content };
}

/** Without the content, in the order of arrival. */
export async function listEvidence(database: Queryable, disputeId: string): Promise<StoredEvidence[]> {
  const { rows } = await database.query<Row>(
    `select ${columns} from dispute_evidence where dispute_id = $1 order by id limit 200`,
    [disputeId],
  );
  return rows.map(toEvidence);
}

export async function settleEvidence(
  database: Queryable,
  evidenceId: string,
  fate: { status: 'accepted' } | { status: 'refused'; error: ChannelError },
): Promise<void> {
  await database.query(
    `update dispute_evidence set status = $2, error = $3, settled_at = now() where id = $1 and status = 'received'`,
    [evidenceId, fate.status, fate.status === 'refused' ? JSON.stringify(fate.error) : null],
  );
}

/**
 * Refused before it was brought to the channel. False: it is settled already, or it may have arrived there, and then
 * only the channel can say what became of it.
 */
export async function refuseUnsentEvidence(
  database: Queryable,
  evidenceId: string,
  error: ChannelError,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update dispute_evidence set status = 'refused', error = $2, settled_at = now()
     where id = $1 and status = 'received' and calls = 0`,
    [evidenceId, JSON.stringify(error)],
  );
  return rowCount === 1;
}

/** Written before each call to the channel with it. False: it is settled, and there is nothing to call for. */
export async function beginEvidenceCall(database: Queryable, evidenceId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `update dispute_evidence set calls = calls + 1 where id = $1 and status = 'received'`,
    [evidenceId],
  );
  return rowCount === 1;
}

export interface UnsettledEvidence {
  evidenceId: string;
  disputeId: string;
  uploadedBy: NewEvidence['uploadedBy'];
}

/** Given for a while without an end: its workflow may not know of it. Each in its turn, bounded. */
export async function takeUnsettledEvidence(
  database: Queryable,
  before: Date,
  limit: number,
): Promise<UnsettledEvidence[]> {
  const { rows } = await database.query<{
    id: string;
    dispute_id: string;
    uploaded_by: NewEvidence['uploadedBy'];
  }>(
    `
with waiting as (
  select id from dispute_evidence where status = 'received' and coalesce(swept_at, created_at) < $1
  order by coalesce(swept_at, created_at) limit $2 for update skip locked
)
update dispute_evidence e set swept_at = now() from waiting w where e.id = w.id
returning e.id, e.dispute_id, e.uploaded_by`,
    [before, limit],
  );
  return rows.map((row) => {
    return { evidenceId: row.id, disputeId: row.dispute_id, uploadedBy: row.uploaded_by };
  });
}

/** It is certain that this call did not arrive. */
export async function takeBackEvidenceCall(database: Queryable, evidenceId: string): Promise<void> {
  await database.query(
    `update dispute_evidence set calls = calls - 1 where id = $1 and status = 'received'`,
    [evidenceId],
  );
}

function toEvidence(row: Row): StoredEvidence {
  return {
    id: row.id,
    disputeId: row.dispute_id,
    kind: row.kind,
    contentType: row.content_type,
    bytes: row.bytes,
    status: row.status,
    error: row.error ?? undefined,
    createdAt: row.created_at,
  };
}
