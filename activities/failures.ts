import { ApplicationFailure } from '@temporalio/common';

/**
 * Why an activity stops, and whether doing it again can help. One table, so that a workflow and a reader of
 * its history meet the same few names.
 */
const causes = {
  /** The payment may not begin; nothing was written. */
  PaymentRefused: { retryable: false },
  /** Too late for a first call; nothing was written, and the orderId may be used again. */
  OpenWindowPassed: { retryable: false },
  /** The provider did not say what became of our call; asking again, or repeating it under its key, can tell. */
  AnswerUnknown: { retryable: true },
  /** The channel's configuration is gone, so nobody can be asked: an operator brings it back. */
  ChannelRemoved: { retryable: false },
  /** The provider wants to be left alone until a time that is known. */
  ChannelPaused: { retryable: true },
  /** The row was changed by something that is not this workflow: an operator has to look. */
  Diverged: { retryable: false },
  /** What it is about is not there (yet). */
  NotFound: { retryable: true },
  /** The merchant's endpoint did not take the callback. */
  CallbackNotTaken: { retryable: true },
  /** The endpoint has too much of ours in hand at the moment. */
  EndpointBusy: { retryable: true },
  /** The endpoint is switched off, or the event is older than what is kept. */
  CallbackPointless: { retryable: false },
} as const;

export type FailureCause = keyof typeof causes;

export function failure(cause: FailureCause, message: string, ...details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({
    type: cause,
    message,
    details,
    nonRetryable: !causes[cause].retryable,
  });
}

/** A retryable failure that wants its next try at a time of its own, out of the order of the back-off. */
export function failureUntil(cause: FailureCause, message: string, nextTryInMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type: cause, message, nextRetryDelay: nextTryInMs });
}
