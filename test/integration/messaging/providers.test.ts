import type { FaultKind } from '../../../dev/sandboxes/parts/faults';
import { until } from '../../support/until';
import { kinds, startHarness, type Harness } from './harness';

describe.each(kinds)('%s', (kind) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness(kind);
  });
  afterEach(() => harness.close());

  const send = (message = harness.message(), over?: Record<string, string>, timeoutMs?: number) =>
    harness.adapter.send(harness.call(over, timeoutMs), message);
  const taken = () => harness.postbox.inbox().length;

  it('hands a message over, as it was written', async () => {
    const message = harness.message({ text: 'Grüße, 您的茶 & more =? 100%' });
    const outcome = await send(message);
    expect(outcome.kind).toBe('ok');
    const [letter] = harness.postbox.inbox();
    expect(letter).toMatchObject({ text: message.text, kind: message.kind });
    expect(outcome).toMatchObject({ value: { providerRef: letter?.id } });
    if (message.kind === 'mail') {
      expect(letter).toMatchObject({
        reference: message.reference,
        subject: 'Welcome',
        from: 'Tea House <tea@shop.example>',
      });
    }
  });

  it('has a configuration that its own schema takes, and names what is missing', () => {
    const { configurations } = harness.call().service;
    const { configurationSchema, secretFields } = harness.adapter;
    expect(configurationSchema.safeParse(configurations).success).toBe(true);
    for (const field of secretFields.filter((name) => name in configurations)) {
      const { [field]: _without, ...rest } = configurations;
      const paths = configurationSchema.safeParse(rest).error?.issues.map(({ path }) => path.join('.'));
      expect(paths).toContain(field);
    }
    expect(configurationSchema.safeParse({ ...configurations, baseUrl: 'ftp://x' }).success).toBe(false);
    expect(configurationSchema.safeParse({ ...configurations, another: 1 }).success).toBe(false);
  });

  it('tries the connection without sending anything, and finds a wrong secret', async () => {
    expect((await harness.adapter.testConnection(harness.call(), {})).kind).toBe('ok');
    const secret = { SENDGRID: 'apiKey', TWILIO: 'authToken', ALIYUN_SMS: 'accessKeySecret' }[kind];
    const wrong = harness.call({ [secret]: 'SG.wrong-and-long-enough' });
    expect((await harness.adapter.testConnection(wrong, {})).kind).toBe('misconfigured');
    expect((await harness.adapter.send(wrong, harness.message())).kind).toBe('misconfigured');
    expect((await harness.adapter.checkHealth?.(harness.call()))?.kind).toBe('ok');
    expect(taken()).toBe(0);
  });

  it('says what is the matter with a recipient', async () => {
    const to = { SENDGRID: 'nobody', TWILIO: '+15005550001', ALIYUN_SMS: '+8612' }[kind];
    expect(await send(harness.message({ to }))).toMatchObject({
      kind: 'declined',
      code: 'recipient_invalid',
    });
    expect(taken()).toBe(0);
  });

  it.each<[FaultKind, string, number]>([
    ['timeout_after', 'unknown', 1],
    ['drop_after', 'unknown', 1],
    ['error_after', 'unknown', 1],
    ['garbage', 'unknown', 1],
    ['unknown_status', 'unknown', 1],
    ['huge', 'unknown', 1],
    ['endless', 'unknown', 1],
    ['timeout_before', 'unknown', 0],
    ['drop_before', 'unknown', 0],
    ['error_before', 'unknown', 0],
    ['not_processed', 'retryable', 0],
    ['rate_limited', 'retryable', 0],
  ])('on a bad day, %s: %s', async (fault, kindOfOutcome, letters) => {
    harness.postbox.addFault({ kind: fault, operation: 'create', reference: harness.account, count: 1 });
    expect((await send(undefined, undefined, 1_000)).kind).toBe(kindOfOutcome);
    // Who was not waited for may take it only now.
    await until(`${letters} taken`, () => taken() === letters);
    // And the next day.
    expect((await send()).kind).toBe('ok');
  });

  it('can tell later what became of a message, if it can be asked', async () => {
    const { adapter } = harness;
    const message = harness.message();
    const outcome = await send(message);
    if (adapter.fateOf === undefined || outcome.kind !== 'ok') return expect(kind).toBe('SENDGRID');
    const { providerRef } = outcome.value;
    const query = { reference: message.reference, providerRef, to: message.to, sentAt: new Date() };
    const fate = () => adapter.fateOf?.(harness.call(), query);
    await until('it is delivered', async () => (await fate())?.kind === 'delivered');
    expect(await fate()).toMatchObject({ kind: 'delivered', providerRef });
    const byReference = await adapter.fateOf(harness.call(), { ...query, providerRef: undefined });
    expect(byReference.kind).toBe(adapter.findsByReference ? 'delivered' : 'unknown');
    const strange = { ...query, reference: 'msg_none', providerRef: `SM${'f'.repeat(32)}` };
    expect((await adapter.fateOf(harness.call(), strange)).kind).toBe('not_found');
  });

  it('can be asked by nobody who is not there', async () => {
    const nowhere = { baseUrl: 'http://127.0.0.1:9' };
    expect(await send(undefined, nowhere)).toMatchObject({ kind: 'retryable', code: 'connection_refused' });
  });

  it('writes neither secrets nor what was said into the log', async () => {
    await send(harness.message({ text: 'nobody-reads-this' }));
    harness.postbox.addFault({ kind: 'error_after', count: 1 });
    await send(harness.message({ text: 'nobody-reads-this' }));
    const { configurations } = harness.call().service;
    const log = harness.logLines.join('\n');
    expect(log).toContain('integration call');
    const secrets = harness.adapter.secretFields.flatMap(
      (field) => (configurations[field] as string | undefined) ?? [],
    );
    for (const secret of [...secrets, 'nobody-reads-this', 'customer@example.com', '13900001111']) {
      expect(log).not.toContain(secret);
    }
  });
});
