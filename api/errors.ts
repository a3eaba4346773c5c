/** What went wrong, by whose hand: the same classes that Stripe's clients know. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'idempotency_error'
  | 'conflict_error'
  | 'rate_limit_error'
  | 'api_error';

interface ErrorRule {
  status: number;
  type: ErrorType;
  /** Used where the place that fails has nothing more precise to say. */
  message: string;
  /** What the caller does about it; docs/errors.md is made of this. */
  remedy: string;
  retryAfterSeconds?: number;
}

/** Every error an answer may carry. A code that is not here does not compile. */
const table = {
  request_malformed: {
    status: 400,
    type: 'invalid_request_error',
    message: 'This is no HTTP request that can be read.',
    remedy: 'Send HTTP/1.1 with a Host header, and let an HTTP library write it.',
  },
  body_invalid_json: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The body is not valid JSON.',
    remedy: 'Send one JSON object, UTF-8, every key once.',
  },
  parameter_missing: {
    status: 400,
    type: 'invalid_request_error',
    message: 'A required parameter is missing.',
    remedy: 'Send the parameter named in `param`.',
  },
  parameter_invalid: {
    status: 400,
    type: 'invalid_request_error',
    message: 'A parameter has a value it can not have.',
    remedy: 'Correct the parameter named in `param`; the message says what it wants.',
  },
  parameter_unknown: {
    status: 400,
    type: 'invalid_request_error',
    message: 'A parameter is not known here.',
    remedy: 'Remove the parameter named in `param`, or correct its name: nothing is silently ignored.',
  },
  currency_unknown: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The currency is not known.',
    remedy: 'Send an ISO 4217 code in capitals, or BTC, ETH, USDT.',
  },
  amount_invalid: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The amount is not a decimal number.',
    remedy: 'Send a decimal string such as "100.50": digits and one point, no exponent, sign or separators.',
  },
  amount_not_positive: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The amount must be greater than zero.',
    remedy: 'Send a positive amount.',
  },
  amount_too_precise: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The amount has more decimals than its currency.',
    remedy: 'Round the amount yourself to the smallest unit of the currency; the platform never rounds it.',
  },
  amount_not_exact: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The amount is a JSON number that computers do not keep exactly.',
    remedy: 'Send the amount as a decimal string.',
  },
  amount_too_large: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The amount is larger than any the platform can hold.',
    remedy: 'Check the amount: its smallest units must fit into 30 digits.',
  },
  idempotency_key_invalid: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The Idempotency-Key header is not usable.',
    remedy: 'Send 1 to 255 printable ASCII characters; a UUID is a good choice.',
  },
  authentication_required: {
    status: 401,
    type: 'authentication_error',
    message: 'This request carries no API key.',
    remedy: 'Send the header `Authorization: Bearer dp_…`.',
  },
  api_key_invalid: {
    status: 401,
    type: 'authentication_error',
    message: 'The API key is not known.',
    remedy: 'Check that the whole key was copied; an operator can make a new one.',
  },
  api_key_revoked: {
    status: 401,
    type: 'authentication_error',
    message: 'The API key has been revoked.',
    remedy: 'Use another key; an operator can make a new one.',
  },
  webhook_refused: {
    status: 401,
    type: 'authentication_error',
    message: 'This event is not taken for genuine.',
    remedy: "Check the sender's address, the signing secret and the clock of the sender.",
  },
  webhook_malformed: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The event can not be read.',
    remedy: "Send it as the provider's contract says. Nothing of it was kept: repeat it once it reads.",
  },
  permission_denied: {
    status: 403,
    type: 'permission_error',
    message: 'This API key may not do that.',
    remedy: 'Use a key of the role that the operation asks for.',
  },
  merchant_suspended: {
    status: 403,
    type: 'permission_error',
    message: 'The merchant is suspended: it can read, and change nothing.',
    remedy:
      'Ask the operator of the platform; `lastStatusChange` of the merchant says why. What had begun before ends by itself.',
  },
  not_found: {
    status: 404,
    type: 'invalid_request_error',
    message: 'There is no such object.',
    remedy: 'Check the id, and that the key belongs to the same merchant and mode (test or live).',
  },
  webhook_unknown: {
    status: 404,
    type: 'invalid_request_error',
    message: 'Nothing receives events at this address.',
    remedy: 'Have the address set anew at the provider, as the operator has it from its configuration.',
  },
  route_unknown: {
    status: 404,
    type: 'invalid_request_error',
    message: 'There is nothing at this address.',
    remedy: 'Check method and path against the API reference.',
  },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    message: 'This address does not answer this method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  request_timeout: {
    status: 408,
    type: 'invalid_request_error',
    message: 'The body did not arrive in time.',
    remedy: 'Send the request again.',
  },
  idempotency_key_reused: {
    status: 409,
    type: 'idempotency_error',
    message: 'This Idempotency-Key was used for another request.',
    remedy: 'Use a new key for a new request, and the same body when you repeat one.',
  },
  idempotency_in_progress: {
    status: 409,
    type: 'idempotency_error',
    message: 'A request with this Idempotency-Key is being worked on.',
    remedy: 'Repeat the same request after the seconds in `Retry-After`.',
    retryAfterSeconds: 1,
  },
  order_conflict: {
    status: 409,
    type: 'conflict_error',
    message: 'A payment with this orderId exists and differs from this request.',
    remedy: 'Use a new orderId for a new payment, or repeat the first request exactly.',
  },
  order_closed: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment with this orderId has ended and can not be tried again.',
    remedy: 'Start a new payment under a new orderId.',
  },
  payment_closed: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment has ended.',
    remedy: 'Read it to see how. A new charge needs a new orderId; money comes back by a refund.',
  },
  payment_in_doubt: {
    status: 409,
    type: 'conflict_error',
    message: 'The channel is being asked what became of this payment.',
    remedy: 'Repeat the request after the seconds in `Retry-After`.',
    retryAfterSeconds: 5,
  },
  not_capturable: {
    status: 409,
    type: 'conflict_error',
    message: 'There is no reservation to capture.',
    remedy: 'Capture while the payment is `authorized`; start it with `capture: "manual"`.',
  },
  not_cancellable: {
    status: 409,
    type: 'conflict_error',
    message: 'Some of it has been captured, and nothing of it is reserved any more.',
    remedy: 'Give captured money back by a refund.',
  },
  not_retryable: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment waits for no other attempt.',
    remedy: 'Try again while the payment is `requires_action`.',
  },
  not_in_review: {
    status: 409,
    type: 'conflict_error',
    message: 'Nobody has to decide about this payment.',
    remedy: 'Read it to see what became of it.',
  },
  not_in_queue: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment does not wait for a channel.',
    remedy: 'Read it to see what became of it.',
  },
  attempts_exhausted: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment has had as many attempts as it may.',
    remedy: 'Start a new payment under a new orderId.',
  },
  attempt_begun: {
    status: 409,
    type: 'conflict_error',
    message: 'Another attempt was begun a moment ago, by another request.',
    remedy: 'Read the payment: its nextAction is of that attempt. Ask again if another one is still wanted.',
  },
  capture_exceeds_authorized: {
    status: 422,
    type: 'invalid_request_error',
    message: 'That is more than is left of the reservation.',
    remedy: 'Capture no more than `amount` less `capturedAmount`.',
  },
  already_paid: {
    status: 409,
    type: 'conflict_error',
    message: 'The customer has paid meanwhile.',
    remedy: 'Read the payment; money comes back by a refund.',
  },
  channel_refused: {
    status: 409,
    type: 'conflict_error',
    message: 'The channel refused.',
    remedy: 'The message gives its reason; read the payment to see where it stands.',
  },
  not_refundable: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment is not paid, so there is nothing to give back.',
    remedy: 'Cancel a payment that is still open; refund one that is paid.',
  },
  not_accepted: {
    status: 409,
    type: 'conflict_error',
    message: 'That money was not accepted: it never came to the balance it would be refunded from.',
    remedy:
      'Wait for payment.late_money_accepted, which tells the suspenseId; without a suspenseId the payment’s own money is refunded.',
  },
  payment_disputed: {
    status: 409,
    type: 'conflict_error',
    message: 'The payment is disputed, and its money is withheld until that is decided.',
    remedy: 'Wait for the end of the dispute; if it is lost the customer has the money already.',
  },
  refund_conflict: {
    status: 409,
    type: 'conflict_error',
    message: 'A refund with this refundNo exists and differs from this request.',
    remedy: 'Use a new refundNo for a new refund, or repeat the first request exactly.',
  },
  refund_not_in_doubt: {
    status: 409,
    type: 'conflict_error',
    message: 'Nobody has to say what became of this refund.',
    remedy: 'Read it to see where it stands; only what is `unknown` is an operator’s to resolve.',
  },
  event_not_set_aside: {
    status: 409,
    type: 'conflict_error',
    message: 'The event does not wait for an operator.',
    remedy: 'Read it to see where it stands; only what is `set_aside` is an operator’s to resolve.',
  },
  suspense_decided: {
    status: 409,
    type: 'conflict_error',
    message: 'This has been decided already.',
    remedy: 'Read it again to see how, and by whom.',
  },
  dispute_closed: {
    status: 409,
    type: 'conflict_error',
    message: 'The dispute has ended.',
    remedy: 'Read it to see how.',
  },
  evidence_too_late: {
    status: 409,
    type: 'conflict_error',
    message: 'The time for evidence is over.',
    remedy: 'Wait for the decision; `evidenceDueAt` of a dispute says until when evidence is taken.',
  },
  evidence_too_much: {
    status: 409,
    type: 'conflict_error',
    message: 'The dispute has as much evidence as it may have.',
    remedy: 'Wait for the decision; a dispute takes 20 pieces.',
  },
  evidence_not_supported: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This channel takes no evidence through its API.',
    remedy: "Bring it in at the channel's own portal.",
  },
  own_approval: {
    status: 403,
    type: 'permission_error',
    message: 'Who asks for a correction does not approve it.',
    remedy: 'Let somebody else decide, with a key of their own.',
  },
  adjustment_decided: {
    status: 409,
    type: 'conflict_error',
    message: 'This correction has been decided already.',
    remedy: 'Read it to see how, and by whom; ask for another one to undo it.',
  },
  account_not_adjustable: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This account is the other side of every correction, and is not corrected itself.',
    remedy: 'Correct the account that is wrong; this one follows. What was asked for of it is rejected.',
  },
  account_overdrawn: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The account would go below zero, and it must not.',
    remedy: 'Correct by less, or decide again when there is enough on it.',
  },
  account_closed: {
    status: 409,
    type: 'conflict_error',
    message: 'The account is closed.',
    remedy: 'Open it again first.',
  },
  account_not_empty: {
    status: 409,
    type: 'conflict_error',
    message: 'The account holds something.',
    remedy: 'Bring its balance to zero first.',
  },
  account_busy: {
    status: 503,
    type: 'api_error',
    message: 'The ledger was written without a pause, so the account could not be changed.',
    remedy: 'Repeat the same request after the seconds in `Retry-After`.',
    retryAfterSeconds: 2,
  },
  message_in_doubt: {
    status: 409,
    type: 'conflict_error',
    message: 'Nobody can say whether this message was sent.',
    remedy: 'Send `mayArriveTwice: true` if it should go out all the same, or wait for news of it.',
  },
  message_closed: {
    status: 409,
    type: 'conflict_error',
    message: 'A provider has this message, or refused it for good.',
    remedy: 'Read it to see what became of it; send a new one if another is wanted.',
  },
  version_conflict: {
    status: 409,
    type: 'conflict_error',
    message: 'It has been changed since you read it.',
    remedy: 'Read it again, apply your change to what you read, and send its version.',
  },
  version_required: {
    status: 428,
    type: 'invalid_request_error',
    message: 'It exists already, and this request does not say which version it replaces.',
    remedy: 'Read it, apply your change to what you read, and send its `version`.',
  },
  already_exists: {
    status: 409,
    type: 'conflict_error',
    message: 'It exists already.',
    remedy: 'Read what exists, or choose another name.',
  },
  managed_elsewhere: {
    status: 409,
    type: 'conflict_error',
    message: 'This is shown here and changed elsewhere.',
    remedy: 'Change it at the address in `managedAt`.',
  },
  headers_too_large: {
    status: 431,
    type: 'invalid_request_error',
    message: 'The headers of the request, its address among them, are larger than 16 KB.',
    remedy: 'Send shorter headers and a shorter query.',
  },
  body_too_large: {
    status: 413,
    type: 'invalid_request_error',
    message: 'The body is larger than allowed.',
    remedy: 'Send less; the message says how much is allowed.',
  },
  content_type_unsupported: {
    status: 415,
    type: 'invalid_request_error',
    message: 'The body must be JSON.',
    remedy: 'Send `Content-Type: application/json`, UTF-8, not compressed.',
  },
  card_number_refused: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The request carries what looks like a card number. Nothing of it was kept.',
    remedy: "Never send card numbers here: let the customer enter them on the channel's page.",
  },
  currency_not_enabled: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This merchant does not take payments in this currency.',
    remedy: 'Use a currency of the payment configuration, or have it added there.',
  },
  exchange_needless: {
    status: 422,
    type: 'invalid_request_error',
    message: 'There is nothing to exchange within one currency.',
    remedy: 'Name two different currencies.',
  },
  amount_too_small: {
    status: 422,
    type: 'invalid_request_error',
    message: 'In the currency it is settled in, the amount is worth less than the smallest unit.',
    remedy: 'Send a larger amount, or settle in the currency that is paid in.',
  },
  rate_unknown: {
    status: 422,
    type: 'invalid_request_error',
    message: 'Nobody has told a rate between these currencies.',
    remedy: 'Settle in another currency, or ask the operator to add a rate or a source of rates.',
  },
  rate_stale: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The newest rate between these currencies is too old to be used.',
    remedy: 'Try again when a newer rate has come, or ask the operator why none does.',
  },
  import_refused: {
    status: 422,
    type: 'invalid_request_error',
    message: 'Lines of the file are wrong, and nothing of it was taken.',
    remedy: 'Correct what `problems` names, and send the whole file again.',
  },
  quote_unknown: {
    status: 422,
    type: 'invalid_request_error',
    message: 'There is no such quote.',
    remedy: 'Check the id, and that the key belongs to the same merchant and mode (test or live).',
  },
  quote_mismatch: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The quote is for another amount or other currencies.',
    remedy: 'Send the amount and both currencies as they were quoted, or get another quote.',
  },
  quote_expired: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The quote has expired.',
    remedy: 'Get a new quote.',
  },
  quote_used: {
    status: 409,
    type: 'conflict_error',
    message: 'The quote is locked to another payment.',
    remedy: 'Get a quote for each payment.',
  },
  amount_outside_limits: {
    status: 422,
    type: 'invalid_request_error',
    message: "The amount is outside the merchant's limits for this currency.",
    remedy: 'Stay within the limits of the payment configuration, or have them changed.',
  },
  amount_not_taken: {
    status: 422,
    type: 'invalid_request_error',
    message: 'No channel of this merchant takes this amount.',
    remedy:
      'Send an amount in the range that the message names, ask for another method or provider, or have a channel added that takes it.',
  },
  channel_not_available: {
    status: 422,
    type: 'invalid_request_error',
    message: 'No channel of this merchant can take this payment.',
    remedy: 'Add a channel for the currency and mode to the payment configuration, or enable one.',
  },
  refund_exceeds_captured: {
    status: 422,
    type: 'invalid_request_error',
    message: 'Refunds may not exceed what was captured, together with those under way.',
    remedy: 'Read the payment and its refunds, and ask for no more than is left, under a new refundNo.',
  },
  insufficient_balance: {
    status: 422,
    type: 'invalid_request_error',
    message: 'Neither the pending nor the available balance can carry this refund.',
    remedy:
      'Wait until there is enough in one of them, or refund less, under a new refundNo; an operator can let the pending balance go below zero.',
  },
  refund_not_supported: {
    status: 422,
    type: 'invalid_request_error',
    message: 'The channel of this payment does not give back money, or not in part.',
    remedy: 'Refund the whole payment if it takes that, or pay the customer back yourself.',
  },
  saved_method_gone: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This payment method is not kept any more.',
    remedy: 'Let the customer pay with another one; GET /customers/{customerId}/payment-methods lists them.',
  },
  callback_secret_missing: {
    status: 422,
    type: 'invalid_request_error',
    message: 'There is no secret to sign callbacks with.',
    remedy: 'Set a callback address in the payment configuration first: its secret signs for every address.',
  },
  payment_config_missing: {
    status: 422,
    type: 'invalid_request_error',
    message: 'This merchant has no payment configuration in this mode.',
    remedy: 'Set it with PUT /merchants/{merchantId}/payment-config.',
  },
  rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    message: 'Too many requests.',
    remedy: 'Slow down, and repeat after the seconds in `Retry-After`.',
    retryAfterSeconds: 1,
  },
  too_many_commands: {
    status: 429,
    type: 'rate_limit_error',
    message: 'More is asked of this payment or dispute at once than it can take.',
    remedy: 'Repeat the same request after the seconds in `Retry-After`, with the same Idempotency-Key.',
    retryAfterSeconds: 2,
  },
  internal_error: {
    status: 500,
    type: 'api_error',
    message: 'Something failed on our side.',
    remedy: 'Repeat the request with the same orderId or Idempotency-Key; report the requestId if it stays.',
  },
  database_unavailable: {
    status: 503,
    type: 'api_error',
    message: 'The database can not be reached.',
    remedy:
      'Repeat the same request after the seconds in `Retry-After`, with the same orderId or Idempotency-Key.',
    retryAfterSeconds: 2,
  },
  temporal_unavailable: {
    status: 503,
    type: 'api_error',
    message: 'The workflow service can not be reached, or takes nothing more just now.',
    remedy:
      'Repeat the same request after the seconds in `Retry-After`, with the same orderId or Idempotency-Key.',
    retryAfterSeconds: 2,
  },
  outcome_unknown: {
    status: 503,
    type: 'api_error',
    message: 'The payment may or may not have been started.',
    remedy:
      'Repeat the request with the same orderId: it returns the payment if there is one, and charges once.',
    retryAfterSeconds: 2,
  },
  refund_outcome_unknown: {
    status: 503,
    type: 'api_error',
    message: 'The refund may or may not have been begun.',
    remedy:
      'Repeat the request with the same refundNo or Idempotency-Key; if it had neither, list the refunds of the payment first.',
    retryAfterSeconds: 2,
  },
  command_outcome_unknown: {
    status: 503,
    type: 'api_error',
    message: 'What was asked for may or may not be done: its workflow has not confirmed it in time.',
    remedy:
      'Repeat the request with the same Idempotency-Key: it is done once. If it had none, read first whether it was done.',
    retryAfterSeconds: 2,
  },
  channel_unreachable: {
    status: 503,
    type: 'api_error',
    message: 'The channel can not be reached.',
    remedy: 'Repeat the same request after the seconds in `Retry-After`: doing it twice is safe.',
    retryAfterSeconds: 5,
  },
  shutting_down: {
    status: 503,
    type: 'api_error',
    message: 'This process is stopping.',
    remedy: 'Repeat the request: another process takes it.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof table;

export const errorRules: Readonly<Record<ErrorCode, ErrorRule>> = table;

export interface ErrorDetails {
  /** Says what is wrong here, better than the table can. Never the refused value itself: it may be secret. */
  message?: string;
  /** The path of the offending parameter, as in `limits.USD.max`. */
  param?: string;
  /** Where more than one field is wrong: all of them, the first of which is in `param`. */
  problems?: FieldProblem[];
  retryAfterSeconds?: number;
  headers?: Record<string, string>;
}

export interface FieldProblem {
  param: string;
  message: string;
}

/** An expected failure: handlers return it, what stands deeper may throw it. */
export class ApiError<Code extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: Code,
    readonly details: ErrorDetails = {},
  ) {
    super(details.message ?? errorRules[code].message);
    this.name = 'ApiError';
  }

  get status(): number {
    return errorRules[this.code].status;
  }
}

export function fail<Code extends ErrorCode>(code: Code, details?: ErrorDetails): ApiError<Code> {
  return new ApiError(code, details);
}

export interface ErrorBody {
  error: {
    type: ErrorType;
    code: ErrorCode;
    message: string;
    param?: string;
    problems?: FieldProblem[];
    requestId: string;
    docUrl: string;
  };
}

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: ErrorBody;
}

/** What others say (a library, an adapter's check) often ends without a full stop. */
function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export function presentError(error: ApiError, where: { requestId: string; publicUrl: string }): ErrorAnswer {
  const rule = errorRules[error.code];
  const retryAfterSeconds = error.details.retryAfterSeconds ?? rule.retryAfterSeconds;
  return {
    status: rule.status,
    headers: {
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(rule.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="durapay"' } : {}),
      ...error.details.headers,
    },
    body: {
      error: {
        type: rule.type,
        code: error.code,
        // Every error names what to do about it.
        message: `${asSentence(error.message)} ${rule.remedy}`,
        ...(error.details.param === undefined ? {} : { param: error.details.param }),
        ...(error.details.problems === undefined ? {} : { problems: error.details.problems }),
        requestId: where.requestId,
        docUrl: `${where.publicUrl}/docs/errors#${error.code}`,
      },
    },
  };
}
