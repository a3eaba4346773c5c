import type { CallOutcome } from '../../call-outcome';
import {
  notLearnt,
  type FateQuery,
  type MessageError,
  type MessageFate,
  type SendOutcome,
  type SmsMessage,
} from '../messaging-provider';
import type { AliyunConfiguration } from './configuration';
import { detailsSchema, sentSchema, templateSchema } from './messages';

/** Numbers of mainland China go without their country's code, all others with it; none with a plus sign. */
export function aliyunNumber(to: string): string {
  return to.startsWith('+86') ? to.slice(3) : to.slice(1);
}

export function sendQuery(configuration: AliyunConfiguration, message: SmsMessage): Record<string, string> {
  const { signName, templateCode, templateVariable } = configuration;
  return {
    PhoneNumbers: aliyunNumber(message.to),
    SignName: signName,
    TemplateCode: templateCode,
    TemplateParam: JSON.stringify({ [templateVariable]: message.text }),
    OutId: message.reference,
  };
}

/** Alibaba Cloud's days are those of China. */
const chinaAheadMs = 8 * 3_600_000;

export function detailsQuery({ to, sentAt, providerRef }: FateQuery): Record<string, string> {
  const day = new Date(sentAt.getTime() + chinaAheadMs).toISOString().slice(0, 10).replaceAll('-', '');
  return {
    PhoneNumber: aliyunNumber(to),
    SendDate: day,
    PageSize: '50',
    CurrentPage: '1',
    ...(providerRef === undefined ? {} : { BizId: providerRef }),
  };
}

export function sendOutcome(outcome: CallOutcome<unknown>): SendOutcome {
  if (outcome.kind === 'declined') {
    const { status, code: rawCode } = outcome;
    const code = ofTheRecipient.has(rawCode) ? 'recipient_invalid' : 'request_rejected';
    return { kind: 'declined', status, code, value: rawCode };
  }
  if (outcome.kind !== 'ok') return outcome;
  const { status, value } = outcome;
  const sent = sentSchema.safeParse(value).data;
  return sent === undefined
    ? { kind: 'unknown', ...unreadable, status }
    : { kind: 'ok', status, value: { providerRef: sent.BizId } };
}

const unreadable = {
  code: 'answer_unreadable',
  message: 'Alibaba Cloud sent an answer that does not read.',
} as const;

const ofTheRecipient = new Set([
  'isv.MOBILE_NUMBER_ILLEGAL',
  'isv.BLACK_KEY_CONTROL_LIMIT',
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED',
]);

const waiting = 1;
const failed = 2;
const arrived = 3;

/** The one with our reference, whatever else went to that number on that day. */
export function messageFate(
  { reference, providerRef }: FateQuery,
  outcome: CallOutcome<unknown>,
): MessageFate {
  if (outcome.kind === 'declined') {
    const error = { code: 'request_rejected', message: 'Alibaba Cloud refused.', rawCode: outcome.code };
    return { kind: 'unknown', error };
  }
  if (outcome.kind !== 'ok') return notLearnt(outcome);
  const details = detailsSchema.safeParse(outcome.value).data?.SmsSendDetailDTOs.SmsSendDetailDTO;
  if (details === undefined) return notLearnt(unreadable);
  const found = details.find(({ OutId }) => OutId === reference);
  if (found === undefined) return { kind: 'not_found' };
  // The answer brings no number of its own: of one that was never told, ours stands in for it.
  const known = providerRef ?? reference;
  switch (found.SendStatus) {
    case waiting:
      return { kind: 'sent', providerRef: known };
    case arrived:
      return { kind: 'delivered', providerRef: known };
    case failed: {
      const error: MessageError = {
        code: 'undelivered',
        message: 'The message did not reach the phone.',
        ...(found.ErrCode ? { rawCode: found.ErrCode } : {}),
      };
      return { kind: 'undelivered', providerRef: known, error };
    }
    default:
      return { kind: 'unknown', error: { code: 'unknown_status', message: 'A status that we do not know.' } };
  }
}

const approved = new Set(['1', 'AUDIT_STATE_PASS']);

export function testOutcome(outcome: CallOutcome<unknown>): CallOutcome<unknown> {
  if (outcome.kind !== 'ok') return outcome;
  const { status, value } = outcome;
  const template = templateSchema.safeParse(value).data;
  if (template === undefined) {
    return {
      kind: 'unknown',
      code: 'answer_unreadable',
      message: 'that is no answer about a template',
      status,
    };
  }
  if (!approved.has(String(template.TemplateStatus))) {
    const message = 'the template is not approved';
    return { kind: 'misconfigured', code: 'channel_misconfigured', message, status };
  }
  return { kind: 'ok', status, value: undefined };
}
