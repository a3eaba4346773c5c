import type { Faults, Operation } from '../parts/faults';
import type { WebhookEvent } from '../parts/journal';
import type { Book, Result } from './book';
import { testCard } from './cards';
import type { Customer, CustomerBook, Method } from './customers';
import { customerMessage, methodMessage } from './customer-messages';
import { disputeMessage, intentMessage, refundMessage } from './messages';
import { derivedId, type Dispute, type Intent, type Refund } from './objects';

/** Moves what customers and banks move, and tells the webhook endpoint. */
export interface Teller {
  /** The customer is there, with one of Stripe's test cards. */
  confirm(intent: Intent, card: string): Result<Intent>;
  /** Nobody is there: a kept method is charged. */
  charge(intent: Intent, method: Method): Result<Intent>;
  settleRefund(intent: Intent, refund: Refund): void;
  openDispute(intent: Intent, wanted: { amount?: number; reason: string; dueAt: number }): OnDispute;
  endDispute(found: { intent: Intent; dispute: Dispute }, status: 'won' | 'lost'): OnDispute;
  /** A new intent: perhaps its customer pays by itself. */
  attend(intent: Intent): void;
  tell(type: string, intent: Intent): void;
  tellDispute(type: string, intent: Intent, dispute: Dispute): void;
  tellCustomer(type: 'customer.updated', customer: Customer): void;
  tellMethod(
    type: 'payment_method.attached' | 'payment_method.detached',
    method: Method,
    customer: string,
  ): void;
}

type OnDispute = ReturnType<Book['openDispute']>;

export interface TellerDependencies {
  book: Book;
  customers: CustomerBook;
  faults: Faults;
  now: () => number;
  webhookUrl: () => string | undefined;
  send: (event: WebhookEvent) => void;
}

export const evidenceWithinMs = 7 * 86_400_000;

export function createTeller(deps: TellerDependencies): Teller {
  const { book, customers, faults, now } = deps;

  return {
    confirm,
    tell: (type, intent) => emit(type, intentMessage(intent), referenceOf(intent)),
    tellDispute,
    tellMethod,
    openDispute,

    charge(intent, method) {
      const card = testCard(method.card);
      const declined = faults.strike('autodecline', target('create', intent)) ? 'generic_decline' : undefined;
      const declineCode = declined ?? card?.offSessionDeclineCode ?? card?.declineCode;
      return settle(intent, method.card, { declineCode, paymentMethod: method.id });
    },

    settleRefund(intent, refund) {
      const status = faults.strike('refund_failing', target('refund', intent)) ? 'failed' : 'succeeded';
      const pending = faults.strike('refund_pending', target('refund', intent));
      const tellRefund = (type: string) =>
        emit(type, refundMessage(intent, refund), referenceOf(intent), refund.id);
      if (!pending) book.settleRefund(intent, refund, status);
      else {
        setTimeout(() => {
          book.settleRefund(intent, refund, status);
          tellRefund(status === 'failed' ? 'refund.failed' : 'refund.updated');
        }, pending.ms ?? 0).unref();
      }
      if (refund.status === 'succeeded') tellRefund('refund.updated');
    },

    endDispute(found, status) {
      const ended = book.endDispute(found, status);
      if (!ended.ok) return ended;
      const { intent, dispute } = ended.value;
      if (status === 'won') tellDispute('charge.dispute.funds_reinstated', intent, dispute);
      tellDispute('charge.dispute.closed', intent, dispute);
      return ended;
    },

    attend(intent) {
      const autopay = faults.strike('autopay', target('create', intent));
      if (autopay) setTimeout(() => confirm(intent, 'pm_card_visa'), autopay.ms ?? 0).unref();
    },

    tellCustomer: (type, customer) => emit(type, customerMessage(customer), customer.id),
  };

  function confirm(intent: Intent, token: string): Result<Intent> {
    const card = testCard(token);
    const keeps = intent.keepsMethod && intent.customer !== null && card?.declineCode === undefined;
    const method = keeps ? customers.keepMethod(intent.customer ?? '', token, intent.id) : undefined;
    const paymentMethod = method?.id ?? derivedId('pm_', 'once', intent.id);
    const confirmed = settle(intent, token, { declineCode: card?.declineCode, paymentMethod });
    if (confirmed.ok && method !== undefined) {
      tellMethod('payment_method.attached', method, intent.customer ?? '');
    }
    return confirmed;
  }

  function settle(
    intent: Intent,
    token: string,
    how: { declineCode?: string; paymentMethod: string },
  ): Result<Intent> {
    const confirmed = book.confirm(intent, how);
    if (confirmed.ok) {
      const isReserved = intent.status === 'requires_capture';
      const type = isReserved ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded';
      emit(type, intentMessage(intent), referenceOf(intent));
      if (!isReserved && testCard(token)?.isDisputed) {
        openDispute(intent, { reason: 'fraudulent', dueAt: now() + evidenceWithinMs });
      }
    } else if (confirmed.code === 'card_declined') {
      emit('payment_intent.payment_failed', intentMessage(intent), referenceOf(intent));
    }
    return confirmed;
  }

  function openDispute(intent: Intent, wanted: Parameters<Teller['openDispute']>[1]): OnDispute {
    const opened = book.openDispute(intent, wanted);
    if (opened.ok) {
      tellDispute('charge.dispute.created', intent, opened.value.dispute);
      tellDispute('charge.dispute.funds_withdrawn', intent, opened.value.dispute);
    }
    return opened;
  }

  function tellDispute(type: string, intent: Intent, dispute: Dispute): void {
    emit(type, disputeMessage(intent, dispute, now()), referenceOf(intent), dispute.id);
  }

  function tellMethod(type: string, method: Method, customer: string): void {
    const before = method.customer === null ? { customer } : undefined;
    emit(type, methodMessage(method), customer, method.id, before);
  }

  function emit(type: string, object: object, about: string, name = '', before?: object): void {
    const notifyUrl = deps.webhookUrl();
    if (notifyUrl === undefined) return;
    const createdAt = now();
    const id = derivedId('evt_', about, type, name, String(createdAt));
    const body = JSON.stringify({
      id,
      object: 'event',
      created: Math.floor(createdAt / 1_000),
      livemode: false,
      type,
      data: { object, ...(before === undefined ? {} : { previous_attributes: before }) },
    });
    deps.send({ id, type, orderNo: about, notifyUrl, body, createdAt });
  }
}

function target(operation: Operation, intent: Intent) {
  return { operation, reference: referenceOf(intent) };
}

export function referenceOf(intent: Intent): string {
  return intent.metadata['durapay_reference'] ?? '';
}
