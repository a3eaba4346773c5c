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
  channel_busy: { kind: 'retryable', means: 'Too many calls to this account are running in this process.' },
  circuit_open: { kind: 'retryable', means: 'It has failed too often and rests.' },
  rate_limited: { kind: 'retryable', means: 'What it may be asked is used up, by our limit or by its own.' },
  connection_refused: { kind: 'retryable', means: 'There was no connection; nothing was sent.' },
  tls_failed: { kind: 'misconfigured', means: 'Its certificate is not to be trusted; nothing was sent.' },
  connection_lost: { kind: 'unknown', means: 'The connection broke before the answer was whole.' },
  timeout: { kind: 'unknown', means: 'No whole answer came in time.' },
  answer_too_large: { kind: 'unknown', means: 'The answer was larger than anything it could mean.' },
  answer_unreadable: { kind: 'unknown', means: 'The answer is not what was agreed.' },
  provider_error: { kind: 'unknown', means: 'It failed, and does not say what became of the request.' },
  channel_unavailable: { kind: 'retryable', means: 'It says that it did nothing, and may be asked again.' },
  channel_misconfigured: {
    kind: 'misconfigured',
    means: 'It does not know us, or nobody configured how it is reached.',
  },
} as const satisfies Record<string, { kind: CallFailure['kind']; means: string }>;

export type CallFailureCode = keyof typeof callFailures;

/** The failure that an adapter told in its own words; what has no word of ours is unknown. */
export function failureFrom({ code, message }: { code: string; message: string }): CallFailure {
  return isFailureCode(code)
    ? { kind: callFailures[code].kind, code, message }
    : { kind: 'unknown', code: 'provider_error', message: `${code}: ${message}` };
}

function isFailureCode(code: string): code is CallFailureCode {
  return Object.hasOwn(callFailures, code);
}
