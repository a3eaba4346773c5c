import type { CallContext } from '../../../integrations/call';
import { createCallLog, type CallRecord } from '../../../integrations/call-log';
import type { CallOutcome } from '../../../integrations/call-outcome';
import type { Exchanged } from '../../../integrations/deadline';
import { secretForms } from '../../../integrations/redact';

const context: CallContext = {
  service: 'kpay',
  instance: 'account-1',
  operation: 'create',
  timeoutMs: 1_000,
  correlationId: 'pay_1-1',
};
const ok: CallOutcome<unknown> = { kind: 'ok', status: 201, value: {} };
const exchanged = (body: string, answer: string): Exchanged => ({
  request: { method: 'POST', origin: 'https://kpay.example', path: '/v1/orders?sign=abc', headers: {}, body },
  answer: { kind: 'answered', status: 201, body: answer },
});

function start(write?: (records: CallRecord[]) => Promise<void>) {
  const written: CallRecord[] = [];
  const dropped: [number, unknown][] = [];
  const log = createCallLog({
    write: write ?? (async (records) => void written.push(...records)),
    secretsOf: () => secretForms(['very-secret']),
    dropped: (count, error) => dropped.push([count, error]),
    everyMs: 5,
    batchMax: 10,
    waitingMax: 25,
  });
  return { log, written, dropped };
}

test('a call becomes a record, redacted', async () => {
  const { log, written } = start();
  log.add(context, ok, exchanged('{"orderNo":"1","apiKey":"k"}', '{"note":"very-secret"}'), 12.4);
  await log.close();
  expect(written).toEqual([
    {
      serviceId: 'account-1',
      serviceType: 'PAYMENT_GATEWAY',
      kind: 'KPAY',
      operation: 'create',
      requestedAtMs: expect.any(Number) as number,
      durationMs: 12,
      endpoint: 'POST https://kpay.example/v1/orders?sign=[redacted]',
      requestPayload: '{"orderNo":"1","apiKey":"[redacted]"}',
      responsePayload: '{"note":"[redacted]"}',
      statusCode: 201,
      outcome: 'ok',
      errorMessage: null,
      correlationId: 'pay_1-1',
    },
  ]);
});

test('one that was never sent has no endpoint, and says why; nothing of a secret in it', async () => {
  const { log, written } = start();
  const message = 'they said: very-secret';
  log.add(context, { kind: 'retryable', code: 'circuit_open', message }, undefined, 0.1);
  log.add(context, { kind: 'declined', code: 'no', status: 422, value: 'very-secret' }, undefined, 0.1);
  await log.close();
  expect(written).toMatchObject([
    { endpoint: null, statusCode: null, errorMessage: 'circuit_open: they said: [redacted]' },
    { outcome: 'declined', statusCode: 422, errorMessage: 'no' },
  ]);
});

test('large bodies are not kept until they are written', async () => {
  const { log, written } = start();
  log.add(context, ok, exchanged('x'.repeat(20_000), 'y'.repeat(1_000_000)), 1);
  await log.close();
  expect(written).toMatchObject([
    { requestPayload: '[20000 characters]', responsePayload: '[1000000 characters]' },
  ]);
});

test('what does not fit is dropped and counted, and what could not be written too; the caller never waits', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const slow = start(() => gate);
  for (let call = 0; call < 100; call += 1) slow.log.add(context, ok, undefined, 1);
  expect(slow.dropped).toHaveLength(75);
  release();
  await slow.log.close();

  const error = new Error('database away');
  const failing = start(() => Promise.reject(error));
  for (let call = 0; call < 12; call += 1) failing.log.add(context, ok, undefined, 1);
  await failing.log.close();
  expect(failing.dropped).toEqual([
    [10, error],
    [2, error],
  ]);
});
