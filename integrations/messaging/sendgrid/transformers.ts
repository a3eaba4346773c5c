import type { CallOutcome } from '../../call-outcome';
import { classifyJson, type ProviderErrors } from '../../http-classification';
import type { HttpExchange } from '../../http-exchange';
import type { MailMessage, SendOutcome } from '../messaging-provider';
import type { SendgridConfiguration } from './configuration';
import { referenceArg, refusalSchema, scopesSchema } from './messages';

export interface SendgridAnswer {
  status: number;
  /** undefined where there is none: a mail that was taken is answered with nothing. */
  body: unknown;
  messageId?: string;
}

const errors: ProviderErrors = {
  codeOf: (body) => {
    const first = refusalSchema.safeParse(body).data?.errors[0];
    return first === undefined ? undefined : (first.field ?? 'request_rejected');
  },
  notProcessed: [],
};

/** 202 with nothing in it says "taken"; 503 is documented as "not available", so nothing was. All else as JSON is. */
export function classifySendgrid(exchange: HttpExchange): CallOutcome<SendgridAnswer> {
  if (exchange.kind === 'answered') {
    const { status, body, headers } = exchange;
    if (status === 202) {
      return { kind: 'ok', status, value: { status, body: undefined, messageId: headers?.['x-message-id'] } };
    }
    if (status === 503) {
      return { kind: 'retryable', code: 'channel_unavailable', message: 'HTTP 503', status };
    }
    if (status === 413) {
      return { kind: 'declined', status, code: 'too_large', value: body.slice(0, 100) };
    }
  }
  const outcome = classifyJson(exchange, errors);
  return outcome.kind === 'ok'
    ? { ...outcome, value: { status: outcome.status, body: outcome.value } }
    : outcome;
}

/** As the SDK takes it. */
export function mailData(
  sender: Pick<SendgridConfiguration, 'fromEmail' | 'fromName'>,
  message: MailMessage,
) {
  return {
    to: message.to,
    from: { email: sender.fromEmail, ...(sender.fromName ? { name: sender.fromName } : {}) },
    subject: message.subject,
    text: message.text,
    ...(message.html === undefined ? {} : { html: message.html }),
    customArgs: { [referenceArg]: message.reference },
    // Open and click tracking would rewrite what we were given to send.
    trackingSettings: { clickTracking: { enable: false }, openTracking: { enable: false } },
  };
}

export function sendOutcome(outcome: CallOutcome<SendgridAnswer>): SendOutcome {
  if (outcome.kind === 'declined') return refused(outcome.status, outcome.code);
  if (outcome.kind !== 'ok') return outcome;
  const { status, messageId } = outcome.value;
  // 200 is what "validated, not sent" looks like, and what a page in between may say.
  if (status !== 202 || messageId === undefined) {
    return {
      kind: 'unknown',
      code: 'answer_unreadable',
      message: 'nothing says that the mail was taken',
      status,
    };
  }
  return { kind: 'ok', status, value: { providerRef: messageId } };
}

/** SendGrid names the field that it does not like. */
function refused(status: number, field: string): SendOutcome {
  if (/^from\b/.test(field)) {
    const message = 'this account may not send from that address';
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  const isRecipient = /^personalizations\.\d+\.to\b/.test(field);
  return {
    kind: 'declined',
    status,
    code: isRecipient ? 'recipient_invalid' : 'request_rejected',
    value: field,
  };
}

/** Whether the key may do what it is for. */
export function testOutcome(outcome: CallOutcome<SendgridAnswer>): CallOutcome<unknown> {
  if (outcome.kind !== 'ok') return outcome;
  const { status, body } = outcome.value;
  const scopes = scopesSchema.safeParse(body).data?.scopes;
  if (scopes === undefined) {
    return { kind: 'unknown', code: 'answer_unreadable', message: 'that is no answer of SendGrid', status };
  }
  if (!scopes.includes('mail.send')) {
    const message = 'this key may not send mail';
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'ok', status, value: undefined };
}
