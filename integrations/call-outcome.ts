/**
 * What can come of a call to a third party. The five kinds are what retrying is decided by, and that decision
 * is the caller's: nothing below sleeps or repeats.
 */
export type CallOutcome<Value> = CallAnswer<Value> | CallFailure;

/** The other side has answered, with what was asked for or with a well-formed "no". */
export type CallAnswer<Value> =
  | { kind: 'ok'; status: number; value: Value }
  | { kind: 'declined'; status: number; code: string; value: unknown };

export interface CallFailure {
  /**
   * retryable: this call certainly did nothing there. unknown: nobody can tell whether it did.
   * misconfigured: it did nothing, and will do nothing until somebody repairs the configuration.
   */
  kind: 'retryable' | 'unknown' | 'misconfigured';
  code: CallFailureCode;
  message: string;
  status?: number;
}

/** Every provider's troubles in a few words of our own; docs/integrations.md says them on. */
export const callFailures = {
  channel_busy: 'Too many calls to this account are running in this process.',
  circuit_open: 'It has failed too often and rests.',
  rate_limited: 'What it may be asked is used up, by our limit or by its own.',
  connection_refused: 'There was no connection; nothing was sent.',
  tls_failed: 'Its certificate is not to be trusted; nothing was sent.',
  connection_lost: 'The connection broke before the answer was whole.',
  timeout: 'No whole answer came in time.',
  answer_too_large: 'The answer was larger than anything it could mean.',
  answer_unreadable: 'The answer is not what was agreed.',
  provider_error: 'It failed, and does not say what became of the request.',
  channel_unavailable: 'It says that it did nothing, and may be asked again.',
  channel_misconfigured: 'It does not know us, or nobody configured how it is reached.',
} as const;

export type CallFailureCode = keyof typeof callFailures;
