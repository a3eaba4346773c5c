import type { ChannelError } from '../../domain/payment/outcome';
import type { Queryable } from '../pool';

export interface NewCapture {
  paymentId: string;
  captureNo: number;
  reference: string;
  amountMinor: string;
  isFinal: boolean;
  cause: { by: string; key: string };
}

export interface StoredCapture {
  captureNo: number;
  reference: string;
  amountMinor: string;
  isFinal: boolean;
  /** `sending`: the channel was asked, and nobody has written down what it said. */
  status: 'sending' | 'unknown' | 'succeeded' | 'declined';
  error?: ChannelError;
  /** What a row of long ago doesn't say was the merchant's. */
  cause: { by?: 'deadline' | 'merchant' | 'operator'; key?: string; keyId?: string };
}

interface Row {
  capture_no: number;
  reference: string;
  amount: bigint;
  is_final: boolean;
  status: StoredCapture['status'];
  error: ChannelError | null;
  cause: StoredCapture['cause'];
}

const columns = 'capture_no, reference, amount, is_final, status, error, cause';

/** Written before the channel is asked; a repeated run gets its own row as it stands. */
export async function beginCapture(database: Queryable, capture: NewCapture): Promise<StoredCapture> {
  const { rows } = await database.query<Row>(
    `insert into payment_captures (payment_id, capture_no, reference, amount, is_final, status, cause)
     values ($1, $2, $3, $4, $5, 'sending', $6)
     on conflict (payment_id, capture_no) do update set capture_no = excluded.capture_no
     returning ${columns}`,
    [
      capture.paymentId,
      capture.captureNo,
      capture.reference,
      capture.amountMinor,
      capture.isFinal,
      JSON.stringify(capture.cause),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The capture was not written.');
  return toCapture(row);
}

/**
 * The number that a capture gets. What caused it names it, so that a repeated request finds its own capture whatever
 * it asks for; one like it whose end nobody wrote down is the same one asked again. Under its own number the channel
 * takes it once, and refuses it for ever: who was told of that and asks again gets another one.
 */
export async function nextCaptureNo(
  database: Queryable,
  paymentId: string,
  wanted?: { amountMinor: string; isFinal: boolean; key?: string; mayFollowRefusal?: boolean },
): Promise<number> {
  const { rows } = await database.query<{ next: number }>(
    `select coalesce(min(capture_no) filter (where cause ->> 'key' = $4 and not ($5 and status = 'declined')),
       min(capture_no) filter (where status = 'sending' and amount = $2::numeric and is_final = $3),
       coalesce(max(capture_no), 0) + 1)::int as next from payment_captures where payment_id = $1`,
    [
      ...[paymentId, wanted?.amountMinor ?? null, wanted?.isFinal ?? null, wanted?.key ?? null],
      wanted?.mayFollowRefusal ?? false,
    ],
  );
  return rows[0]?.next ?? 1;
}

/** Captures without an end, in their order. */
export async function unfinishedCaptures(database: Queryable, paymentId: string): Promise<StoredCapture[]> {
  const { rows } = await database.query<Row>(
    `select ${columns} from payment_captures where payment_id = $1 and status = 'sending' order by capture_no`,
    [paymentId],
  );
  return rows.map(toCapture);
}

/** What became of the capture that this request caused: of the last one, where the channel refused those before it. */
export async function captureCausedBy(
  database: Queryable,
  paymentId: string,
  key: string,
): Promise<StoredCapture | undefined> {
  const { rows } = await database.query<Row>(
    `select ${columns} from payment_captures where payment_id = $1 and cause ->> 'key' = $2 order by capture_no desc limit 1`,
    [paymentId, key],
  );
  return rows[0] && toCapture(rows[0]);
}

/** What captures of one charge at the provider have put on the books; an attempt that charged at once has none. */
export async function capturedOf(
  database: Queryable,
  { paymentId, attemptNo, providerRef }: { paymentId: string; attemptNo: number; providerRef: string },
): Promise<bigint> {
  const { rows } = await database.query<{ captured: bigint }>(
    `select coalesce(sum(c.amount), 0) as captured from provider_charges c
     join payment_attempts a on a.payment_id = c.payment_id and a.attempt_no = c.attempt_no
     where c.payment_id = $1 and a.payment_id = $1 and c.attempt_no = $2 and a.provider_ref = $3
       and c.capture_no > 0 and c.disposition = 'payment'`,
    [paymentId, attemptNo, providerRef],
  );
  return rows[0]?.captured ?? 0n;
}

function toCapture(row: Row): StoredCapture {
  return {
    captureNo: row.capture_no,
    reference: row.reference,
    amountMinor: row.amount.toString(),
    isFinal: row.is_final,
    status: row.status,
    error: row.error ?? undefined,
    cause: row.cause,
  };
}
