import type { CallOutcome } from '../../call-outcome';
import { notLearnt, type MessageFate, type SendOutcome } from '../messaging-provider';
import { accountSchema, messageSchema } from './messages';

export function sendOutcome(outcome: CallOutcome<unknown>): SendOutcome {
  if (outcome.kind === 'declined') return refused(outcome.status, outcome.code);
  if (outcome.kind !== 'ok') return outcome;
  const { status, value } = outcome;
  const message = messageSchema.safeParse(value).data;
  const fate = message && fateOf(message.sid, message.status, message.error_code);
  switch (fate?.kind) {
    case 'sent':
    case 'delivered':
      return { kind: 'ok', status, value: { providerRef: fate.providerRef } };
    case 'undelivered':
      return { kind: 'declined', status, code: 'request_rejected', value: fate.error.rawCode };
    case 'unknown':
    case 'not_found':
    case undefined:
      return { kind: 'unknown', ...unreadable, status };
  }
}

const unreadable = {
  code: 'answer_unreadable',
  message: 'Twilio sent a message that does not read as one.',
} as const;

/** Not a number, can't be reached, is no mobile, has unsubscribed. */
const ofTheRecipient = new Set(['21211', '21214', '21217', '21219', '21610', '21612', '21614']);
/** Nobody's messages go through until somebody changes the account: the next service may do. */
const ofTheAccount = new Set(['21408', '21606', '21608', '21659', '21660', '20008', '30002', '63038']);

function refused(status: number, rawCode: string): SendOutcome {
  if (ofTheAccount.has(rawCode)) {
    const message = `this account may not send that: ${rawCode}`;
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  const code = ofTheRecipient.has(rawCode) ? 'recipient_invalid' : 'request_rejected';
  return { kind: 'declined', status, code, value: rawCode };
}

/** In Twilio's words. A message that was taken may still fail; one that was delivered stays so. */
export function fateOf(providerRef: string, status: string, errorCode?: number | string | null): MessageFate {
  switch (status) {
    case 'accepted':
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'sent':
      return { kind: 'sent', providerRef };
    case 'delivered':
    case 'partially_delivered':
    case 'read':
      return { kind: 'delivered', providerRef };
    case 'failed':
    case 'undelivered':
    case 'canceled':
      return {
        kind: 'undelivered',
        providerRef,
        error: {
          code: status === 'undelivered' ? 'undelivered' : 'not_sent',
          message: 'The message did not reach the phone.',
          ...(errorCode == null || errorCode === '' ? {} : { rawCode: String(errorCode) }),
        },
      };
    default:
      return {
        kind: 'unknown',
        error: { code: 'unknown_status', message: 'Twilio gave a status that we do not know.' },
      };
  }
}

export function messageFate(outcome: CallOutcome<unknown>): MessageFate {
  if (outcome.kind === 'declined') {
    // 20404 is Twilio's "no such resource".
    if (outcome.code === '20404') return { kind: 'not_found' };
    const error = { code: 'request_rejected', message: 'Twilio refused.', rawCode: outcome.code };
    return { kind: 'unknown', error };
  }
  if (outcome.kind !== 'ok') return notLearnt(outcome);
  const message = messageSchema.safeParse(outcome.value).data;
  if (message === undefined) return notLearnt(unreadable);
  return fateOf(message.sid, message.status, message.error_code);
}

export function testOutcome(outcome: CallOutcome<unknown>): CallOutcome<unknown> {
  if (outcome.kind !== 'ok') return outcome;
  const { status, value } = outcome;
  const account = accountSchema.safeParse(value).data;
  if (account === undefined) {
    return { kind: 'unknown', code: 'answer_unreadable', message: 'that is no answer of Twilio', status };
  }
  if (account.status !== 'active') {
    const message = 'the account is not active';
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'ok', status, value: undefined };
}
