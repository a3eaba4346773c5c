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

export type CallFailureCode =
  | 'channel_busy'
  | 'circuit_open'
  | 'connection_refused'
  | 'connection_lost'
  | 'tls_failed'
  | 'timeout'
  | 'rate_limited'
  | 'channel_unavailable'
  | 'provider_error'
  | 'answer_too_large'
  | 'answer_unreadable'
  | 'channel_misconfigured';
