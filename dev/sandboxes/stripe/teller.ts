import type { Faults } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import type { Book, Result } from './book';
import { derivedId, intentMessage, refundMessage, type Intent, type Refund } from './objects';

/** Moves what customers and banks move, and tells the webhook endpoint. */
export interface Teller {
  confirm(intent: Intent, declineCode: string | undefined): Result<Intent>;
  settleRefund(intent: Intent, refund: Refund): void;
  /** A new intent: perhaps its customer pays by itself. */
  attend(intent: Intent): void;
  tell(type: string, intent: Intent, refund?: Refund): void;
}

export interface TellerDependencies {
  book: Book;
  faults: Faults;
  now: () => number;
  webhookUrl: () => string | undefined;
  send: (event: WebhookEvent) => void;
}

export function createTeller(deps: TellerDependencies): Teller {
  const { book, faults } = deps;

  return {
    confirm,
    tell,

    settleRefund(intent, refund) {
      const target = { operation: 'refund', reference: referenceOf(intent) } as const;
      const status = faults.strike('refund_failing', target) ? 'failed' : 'succeeded';
      const pending = faults.strike('refund_pending', target);
      if (!pending) book.settleRefund(refund, status);
      else {
        setTimeout(() => {
          book.settleRefund(refund, status);
          tell(status === 'failed' ? 'refund.failed' : 'refund.updated', intent, refund);
        }, pending.ms ?? 0).unref();
      }
      if (refund.status === 'succeeded') tell('refund.updated', intent, refund);
    },

    attend(intent) {
      const target = { operation: 'create', reference: referenceOf(intent) } as const;
      const autopay = faults.strike('autopay', target);
      if (autopay) setTimeout(() => confirm(intent, undefined), autopay.ms ?? 0).unref();
    },
  };

  function confirm(intent: Intent, declineCode: string | undefined): Result<Intent> {
    const confirmed = book.confirm(intent, declineCode);
    if (confirmed.ok) {
      const isReserved = intent.status === 'requires_capture';
      tell(isReserved ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', intent);
    } else if (confirmed.code === 'card_declined') tell('payment_intent.payment_failed', intent);
    return confirmed;
  }

  function tell(type: string, intent: Intent, refund?: Refund): void {
    const notifyUrl = deps.webhookUrl();
    if (notifyUrl === undefined) return;
    const createdAt = deps.now();
    const id = derivedId('evt_', intent.id, type, refund?.id ?? '', String(createdAt));
    const body = JSON.stringify({
      id,
      object: 'event',
      created: Math.floor(createdAt / 1_000),
      livemode: false,
      type,
      data: { object: refund ? refundMessage(intent, refund) : intentMessage(intent) },
    });
    deps.send({ id, type, orderNo: referenceOf(intent), notifyUrl, body, createdAt });
  }
}

function referenceOf(intent: Intent): string {
  return intent.metadata['durapay_reference'] ?? '';
}
