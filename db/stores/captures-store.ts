import type { Queryable } from '../pool';

export interface NewCapture {
  paymentId: string;
  captureNo: number;
  reference: string;
  amountMinor: string;
  isFinal: boolean;
  cause: { by: string };
}

/** Written before the channel is asked; a repeated run finds its own row and changes nothing. */
export async function beginCapture(database: Queryable, capture: NewCapture): Promise<void> {
  await database.query(
    `insert into payment_captures (payment_id, capture_no, reference, amount, is_final, status, cause)
     values ($1, $2, $3, $4, $5, 'sending', $6) on conflict (payment_id, capture_no) do nothing`,
    [
      capture.paymentId,
      capture.captureNo,
      capture.reference,
      capture.amountMinor,
      capture.isFinal,
      JSON.stringify(capture.cause),
    ],
  );
}

/**
 * The number that a capture gets. One like it whose end nobody wrote down, for its workflow was lost, is the same
 * one asked again: under its own number the channel takes it once.
 */
export async function nextCaptureNo(
  database: Queryable,
  paymentId: string,
  wanted?: { amountMinor: string; isFinal: boolean },
): Promise<number> {
  const { rows } = await database.query<{ next: number }>(
    `select coalesce(min(capture_no) filter (where status = 'sending' and amount = $2::numeric and is_final = $3),
       coalesce(max(capture_no), 0) + 1)::int as next from payment_captures where payment_id = $1`,
    [paymentId, wanted?.amountMinor ?? null, wanted?.isFinal ?? null],
  );
  return rows[0]?.next ?? 1;
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
