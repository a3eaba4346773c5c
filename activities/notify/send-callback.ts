import type { CallbackTry } from '../../db/stores/outbox-store';
import { publicId } from '../../domain/ids';
import type { CallbackDelivery, CallbackOutcome } from '../../integrations/callbacks/deliver';
import { signatureHeader, signCallback } from '../../integrations/callbacks/signature';
import type { CallbackMetrics } from './callback-metrics';
import type { CallbackTarget } from './callback-target';

export interface SentCallback {
  outcome: CallbackOutcome;
  tried: CallbackTry;
}

export type SendCallback = (
  event: { id: string; body: string },
  target: CallbackTarget,
  signal?: AbortSignal,
) => Promise<SentCallback>;

/** One try: signed for this moment with the secrets of this moment, sent, and put into the words of the list. */
export function createSendCallback(deps: {
  delivery: Pick<CallbackDelivery, 'deliver'>;
  metrics: CallbackMetrics;
}): SendCallback {
  return async (event, target, signal) => {
    const at = new Date();
    const startedAt = performance.now();
    const outcome = await deps.delivery.deliver({
      url: target.url,
      headers: {
        [signatureHeader]: signCallback(event.body, target.secretsAt(at), at),
        'Durapay-Event-Id': publicId('event', event.id),
      },
      body: event.body,
      signal,
    });
    const durationMs = Math.round(performance.now() - startedAt);
    deps.metrics.tried(outcome.kind, durationMs);
    return { outcome, tried: { at, durationMs, ...describe(outcome) } };
  };
}

function describe(outcome: CallbackOutcome): Pick<CallbackTry, 'statusCode' | 'answer'> {
  switch (outcome.kind) {
    case 'delivered':
    case 'refused':
      return { statusCode: outcome.code, answer: outcome.answer };
    case 'unreachable':
    case 'forbidden_address':
      return { statusCode: null, answer: outcome.reason };
  }
}
