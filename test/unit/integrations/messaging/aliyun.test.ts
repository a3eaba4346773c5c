import type { HttpExchange } from '../../../../integrations/http-exchange';
import { classifyAliyun } from '../../../../integrations/messaging/aliyun/classification';
import {
  aliyunNumber,
  detailsQuery,
  messageFate,
  sendOutcome,
  testOutcome,
} from '../../../../integrations/messaging/aliyun/transformers';

const answered = (status: number, body: object): HttpExchange => ({
  kind: 'answered',
  status,
  body: JSON.stringify(body),
});
const sent = (status: number, body: object) => sendOutcome(classifyAliyun(answered(status, body)));

it.each<[string, object, object]>([
  ['taken', sent(200, { Code: 'OK', BizId: '9^0' }), { kind: 'ok', value: { providerRef: '9^0' } }],
  ['taken, and nothing says as what', sent(200, { Code: 'OK' }), { kind: 'unknown' }],
  ['no code', sent(200, {}), { kind: 'unknown', code: 'answer_unreadable' }],
  ['not a number', sent(200, { Code: 'isv.MOBILE_NUMBER_ILLEGAL' }), { code: 'recipient_invalid' }],
  ['forbidden words', sent(200, { Code: 'isv.SMS_CONTENT_ILLEGAL' }), { code: 'request_rejected' }],
  ['a template that is not ours', sent(200, { Code: 'isv.SMS_TEMPLATE_ILLEGAL' }), { kind: 'misconfigured' }],
  ['no money', sent(200, { Code: 'isv.AMOUNT_NOT_ENOUGH' }), { kind: 'misconfigured' }],
  ['a wrong key', sent(404, { Code: 'InvalidAccessKeyId.NotFound' }), { kind: 'misconfigured' }],
  ['a wrong secret', sent(400, { Code: 'SignatureDoesNotMatch' }), { kind: 'misconfigured' }],
  ['too many to this number', sent(200, { Code: 'isv.BUSINESS_LIMIT_CONTROL' }), { kind: 'retryable' }],
  ['too many', sent(400, { Code: 'Throttling.User' }), { kind: 'retryable' }],
  ['broken inside', sent(200, { Code: 'isp.SYSTEM_ERROR' }), { kind: 'unknown', code: 'provider_error' }],
  ['broken', sent(500, { Code: 'InternalError' }), { kind: 'unknown' }],
  ['away', sent(503, { Code: 'ServiceUnavailable' }), { kind: 'unknown' }],
])('what an answer to an SMS means: %s', (_name, outcome, expected) => {
  expect(outcome).toMatchObject(expected);
});

it('writes numbers as the provider does, and days as China does', () => {
  expect([aliyunNumber('+8613900001111'), aliyunNumber('+886912345678')]).toEqual([
    '13900001111',
    '886912345678',
  ]);
  const query = { reference: 'msg_1', to: '+8613900001111', sentAt: new Date('2026-11-21T16:00:00Z') };
  expect(detailsQuery(query)).toMatchObject({ PhoneNumber: '13900001111', SendDate: '20261122' });
});

describe('what became of a message', () => {
  const query = { reference: 'msg_1', to: '+8613900001111', sentAt: new Date(0) };
  const fate = (...details: object[]) =>
    messageFate(query, {
      kind: 'ok',
      status: 200,
      value: { Code: 'OK', SmsSendDetailDTOs: { SmsSendDetailDTO: details } },
    });

  it.each([
    [1, 'sent'],
    [2, 'undelivered'],
    [3, 'delivered'],
    [4, 'unknown'],
  ])('status %i is %s', (SendStatus, kind) => {
    expect(fate({ OutId: 'msg_0', SendStatus: 3 }, { OutId: 'msg_1', SendStatus })).toMatchObject({ kind });
  });

  it('is another message with another reference, and not learnt from what is no answer', () => {
    expect(fate({ OutId: 'msg_2', SendStatus: 3 })).toEqual({ kind: 'not_found' });
    expect(messageFate(query, { kind: 'ok', status: 200, value: {} }).kind).toBe('unknown');
    expect(messageFate(query, { kind: 'unknown', code: 'timeout', message: '' })).toMatchObject({
      kind: 'unknown',
      error: { code: 'timeout' },
    });
  });
});

it('wants an approved template', () => {
  const tested = (TemplateStatus: unknown) =>
    testOutcome({ kind: 'ok', status: 200, value: { Code: 'OK', TemplateStatus } }).kind;
  expect([tested('1'), tested(1), tested('AUDIT_STATE_PASS'), tested('0'), tested(undefined)]).toEqual([
    'ok',
    'ok',
    'ok',
    'misconfigured',
    'unknown',
  ]);
});
