import { startPostbox, type Postbox } from '../../dev/sandboxes/postbox/sandbox';
import { parsePublicId } from '../../domain/ids';
import { messageWorkflowId } from '../../workflows/contracts';
import { configurationOf } from '../integration/messaging/harness';
import { startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let postbox: Postbox;
const ids: Record<string, string> = {};

beforeAll(async () => {
  postbox = await startPostbox({ deliverMs: 50, webhookRetryFirstMs: 100 });
  platform = await startPlatform({
    settings: {
      MESSAGE_FIRST_LOOK_MS: '150',
      MESSAGE_DOUBT_MS: '900',
      MESSAGE_DEAD_LETTER_RETRY_MS: '2000',
      OPEN_PAYMENT_OVERDUE_MS: '300',
    },
  });
  for (const account of ['primary', 'backup']) {
    const name = `EMAIL_PROVIDER_${account.toUpperCase()}`;
    const configurations = {
      ...configurationOf('SENDGRID', postbox),
      apiKey: postbox.accounts.sendgrid[account],
    };
    ids[account] = await addService({ name, serviceType: 'EMAIL_SERVICE', kind: 'SENDGRID', configurations });
    postbox.setWebhook(account, newsUrl(ids[account]));
  }
  ids['twilio'] = await addService({
    name: 'SMS_PROVIDER_TWILIO',
    serviceType: 'SMS_SERVICE',
    kind: 'TWILIO',
    configurations: configurationOf('TWILIO', postbox),
  });
});
afterAll(async () => {
  await platform.close();
  await postbox.close();
});
afterEach(() => postbox.clearFaults());

const newsUrl = (serviceId = '') => `${platform.url}/api/v1/webhooks/messages/${serviceId}`;
const preference = ['EMAIL_PROVIDER_PRIMARY', 'EMAIL_PROVIDER_BACKUP'];

function call(method: string, path: string, body?: unknown) {
  return platform.call(method, `/api/v1/integrations${path}`, { key: platform.operatorKey, body });
}

async function addService(service: Record<string, unknown>): Promise<string> {
  const retryPolicy = { triesMax: 2, firstDelayMs: 50, backoffFactor: 2, delayMsMax: 100 };
  const made = await call('POST', '/services', { defaultTimeoutMs: 2_000, retryPolicy, ...service });
  if (made.status !== 201) throw new Error(made.text);
  return (made.body as { id: string }).id;
}

interface MessageBody {
  id: string;
  status: string;
  tries: number;
  recipient: string;
  service: { name: string } | null;
  error: { code: string } | null;
  nextLookAt: string | null;
  calls: { service: { name: string }; outcome: string; code: string | null }[];
}

async function send(message: Record<string, unknown>): Promise<MessageBody> {
  const reply = await call('POST', '/messages', message);
  if (reply.status !== 202) throw new Error(`${reply.status} ${reply.text}`);
  return reply.body as MessageBody;
}

let mails = 0;
const mailTo = (local = 'customer') => `${local}.${(mails += 1)}@example.com`;
const welcome = (recipient: string, more: Record<string, unknown> = {}) => ({
  ...{ serviceTypePreference: preference, recipient, subject: 'Welcome', body: 'Your tea awaits you.' },
  ...more,
});

const read = async (id: string) => (await call('GET', `/messages/${id}`)).body as MessageBody;
const reaches = (id: string, status: string) =>
  until(`${id} is ${status}`, async () => {
    const message = await read(id);
    return message.status === status && message;
  });
const lettersTo = (recipient: string) => postbox.inbox().filter(({ to }) => to === recipient);

async function counted(line: RegExp): Promise<number> {
  const text = (await platform.call('GET', '/metrics')).text;
  return Number(new RegExp(`^durapay_webhooks_total\\{${line.source}\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

it('an administrator adds an SMS service, tries it, enables it, and it sends', async () => {
  const id = await addService({
    name: 'SMS_PROVIDER_ALIYUN',
    serviceType: 'SMS_SERVICE',
    kind: 'ALIYUN_SMS',
    isEnabled: false,
    configurations: configurationOf('ALIYUN_SMS', postbox),
  });
  const shown = await call('GET', `/services/${id}`);
  expect(shown.text).not.toContain(postbox.accounts.aliyun.accessKeySecret);
  expect(shown.body).toMatchObject({ isEnabled: false, configurations: { accessKeyId: 'LTAI-sandbox' } });

  expect((await call('POST', `/services/${id}/test-connection`, {})).body).toMatchObject({ isSuccess: true });
  const recipient = '+8613900002222';
  const tested = await call('POST', `/services/${id}/test-connection`, { recipient });
  expect(tested.body).toMatchObject({ isSuccess: true });
  expect(lettersTo('13900002222')).toHaveLength(1);

  const enabled = await call('POST', `/services/${id}/enable`, { version: 1 });
  expect([enabled.status, enabled.body]).toMatchObject([200, { isEnabled: true }]);
  const sms = { serviceTypePreference: ['SMS_PROVIDER_ALIYUN'], recipient: '+8613900003333', body: '您的茶' };
  const { id: messageId } = await send(sms);
  // Nobody tells of it: it is asked for.
  const delivered = await reaches(messageId, 'delivered');
  expect(delivered).toMatchObject({ recipient: '+861*******333', service: { name: 'SMS_PROVIDER_ALIYUN' } });
  expect(lettersTo('13900003333')).toMatchObject([{ text: '您的茶', reference: messageId }]);
});

it('a welcome mail goes out through the first choice, and its delivery is told by webhook', async () => {
  const recipient = mailTo();
  const message = await send(welcome(recipient, { html: '<p>Your tea awaits you.</p>' }));
  expect(message).toMatchObject({ status: expect.stringMatching(/queued|sent|delivered/) as string });
  const delivered = await reaches(message.id, 'delivered');
  expect(delivered).toMatchObject({
    tries: 1,
    recipient: `c***@example.com`,
    service: { name: 'EMAIL_PROVIDER_PRIMARY' },
    nextLookAt: null,
    calls: [{ outcome: 'ok' }],
  });
  expect(lettersTo(recipient)).toMatchObject([
    {
      account: 'primary',
      subject: 'Welcome',
      text: 'Your tea awaits you.',
      html: '<p>Your tea awaits you.</p>',
    },
  ]);
  const listed = await call('GET', '/messages?kind=mail&status=delivered&limit=1');
  expect(listed.body).toMatchObject({ data: [{ id: message.id }] });
});

it('what was written to whom stands nowhere in clear', async () => {
  const recipient = mailTo('secretive');
  const { id } = await send(welcome(recipient, { body: 'nobody-else-reads-this' }));
  await reaches(id, 'delivered');
  const uuid = parsePublicId('message', id) ?? '';
  const { rows } = await platform.database.query<{ whole: string }>(
    `select (to_jsonb(m) || jsonb_build_object('content', encode(content, 'escape')))::text as whole
     from messages m where id = $1`,
    [uuid],
  );
  const handle = platform.temporal.workflow.getHandle(messageWorkflowId(uuid));
  const { input } = (await handle.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  const [payload] = await platform.temporal.options.loadedDataConverter.payloadCodecs[0]!.decode(
    input?.payloads ?? [],
  );
  const told = Buffer.from(payload?.data ?? []).toString('utf8');
  expect(told).toContain(uuid);
  for (const text of [rows[0]?.whole ?? '', told, JSON.stringify(await read(id))]) {
    expect(text).not.toContain('nobody-else-reads-this');
    expect(text).not.toContain(recipient);
  }
});

it('the backup takes over while the first choice is away', async () => {
  postbox.addFault({ kind: 'not_processed', operation: 'create', reference: 'primary' });
  const recipient = mailTo();
  const { id } = await send(welcome(recipient));
  const message = await reaches(id, 'delivered');
  expect(message.tries).toBe(1);
  expect(message.calls).toMatchObject([
    { service: { name: 'EMAIL_PROVIDER_PRIMARY' }, outcome: 'retryable', code: 'channel_unavailable' },
    { service: { name: 'EMAIL_PROVIDER_BACKUP' }, outcome: 'ok' },
  ]);
  expect(lettersTo(recipient)).toMatchObject([{ account: 'backup' }]);
});

it('a lost answer is no failure: nothing is sent again, and the news of it clear it up', async () => {
  postbox.addFault({ kind: 'timeout_after', operation: 'create', reference: 'primary', count: 1 });
  const recipient = mailTo();
  const { id } = await send(welcome(recipient));
  // The news may well be here before the call has timed out.
  await until('the call has timed out', async () => (await read(id)).calls[0]?.outcome === 'unknown');
  expect((await reaches(id, 'delivered')).calls).toMatchObject([{ outcome: 'unknown', code: 'timeout' }]);
  expect(lettersTo(recipient)).toHaveLength(1);
});

it('a mail in doubt is held for an operator, who may risk that it comes twice', async () => {
  postbox.addFault({ kind: 'drop_after', operation: 'create', reference: 'primary', count: 1 });
  const recipient = mailTo('silent');
  const { id } = await send(welcome(recipient));
  await until('nobody waits any longer', async () => {
    const message = await read(id);
    return message.status === 'in_doubt' && message.nextLookAt === null;
  });
  expect(lettersTo(recipient)).toHaveLength(1);
  const refused = await call('POST', `/messages/${id}/retry`, {});
  expect([refused.status, refused.body]).toMatchObject([409, { error: { code: 'message_in_doubt' } }]);
  expect((await call('POST', `/messages/${id}/retry`, { mayArriveTwice: true })).status).toBe(200);
  await reaches(id, 'sent');
  expect(lettersTo(recipient)).toHaveLength(2);
  expect((await call('POST', `/messages/${id}/retry`, {})).body).toMatchObject({
    error: { code: 'message_closed' },
  });
});

it('one that may come twice goes out again by itself', async () => {
  postbox.addFault({ kind: 'timeout_before', operation: 'create', reference: 'primary', count: 1 });
  const recipient = mailTo('silent');
  const { id } = await send(welcome(recipient, { onDoubt: 'resend' }));
  expect(await reaches(id, 'sent')).toMatchObject({ tries: 2 });
  expect(lettersTo(recipient)).toHaveLength(1);
});

it.each(['timeout_before', 'error_after'] as const)(
  'a provider that can be asked is asked: %s',
  async (kind) => {
    postbox.addFault({ kind, operation: 'create', reference: 'aliyun', count: 1 });
    const number = kind === 'error_after' ? '13900004444' : '13900005555';
    const sms = { serviceTypePreference: ['SMS_PROVIDER_ALIYUN'], recipient: `+86${number}`, body: 'Tea' };
    const { id } = await send(sms);
    const message = await reaches(id, 'delivered');
    expect(message.tries).toBe(kind === 'error_after' ? 1 : 2);
    expect(message.calls).toHaveLength(message.tries);
    expect(lettersTo(number)).toHaveLength(1);
  },
);

it('when nobody takes it, it becomes a dead letter, and goes out once somebody does', async () => {
  // No more: a breaker that has opened rests for a minute.
  postbox.addFault({ kind: 'not_processed', operation: 'create', reference: 'twilio', count: 2 });
  const recipient = '+886912345678';
  const { id } = await send({ serviceTypePreference: ['SMS_PROVIDER_TWILIO'], recipient, body: 'Tea' });
  expect(await reaches(id, 'dead_letter')).toMatchObject({
    tries: 2,
    error: { code: 'channel_unavailable' },
  });
  expect(lettersTo(recipient)).toHaveLength(0);
  expect(await reaches(id, 'delivered')).toMatchObject({ tries: 3, error: null });
  expect(lettersTo(recipient)).toHaveLength(1);
});

it('what does not arrive is told, by callback and by bounce', async () => {
  const sms = { serviceTypePreference: ['SMS_PROVIDER_TWILIO'], recipient: '+886912345404', body: 'Tea' };
  const mail = welcome(mailTo('bounce'));
  const [first, second] = [await send(sms), await send(mail)];
  expect(await reaches(first.id, 'undelivered')).toMatchObject({ error: { rawCode: '30003' } });
  expect(await reaches(second.id, 'undelivered')).toMatchObject({ error: { code: 'bounced' } });
  const refused = await send({ ...sms, recipient: '+15005550001' });
  expect(await reaches(refused.id, 'refused')).toMatchObject({
    tries: 1,
    error: { code: 'recipient_invalid', rawCode: '21211' },
  });
});

it('a forged webhook is refused and counted; a repeated one changes nothing', async () => {
  const labels = /outcome="forged",channel="EMAIL_PROVIDER_PRIMARY"/;
  const before = await counted(labels);
  const forged = await fetch(newsUrl(ids['primary']), { method: 'POST', body: '[]' });
  expect(forged.status).toBe(401);
  expect(await counted(labels)).toBe(before + 1);
  expect((await fetch(newsUrl('svc_none'), { method: 'POST', body: '[]' })).status).toBe(404);

  postbox.addFault({ kind: 'webhook_duplicated', count: 4, times: 3 });
  const { id } = await send(welcome(mailTo()));
  await reaches(id, 'delivered');
  const uuid = parsePublicId('message', id);
  await until('the repeated ones came', async () => {
    return (await counted(/outcome="repeated",channel="EMAIL_PROVIDER_PRIMARY"/)) >= 3;
  });
  const { rows } = await platform.database.query<{ says: string }>(
    'select says from message_events where message_id = $1 order by says',
    [uuid],
  );
  expect(rows).toEqual([{ says: 'delivered' }, { says: 'sent' }]);
  expect((await read(id)).status).toBe('delivered');
});

it('news from an address that is not the provider’s are refused before anything else', async () => {
  const addWith = (name: string, webhookIpsAllowed: string[]) =>
    addService({
      ...{ name, serviceType: 'EMAIL_SERVICE', kind: 'SENDGRID', isEnabled: false },
      configurations: { ...configurationOf('SENDGRID', postbox), webhookIpsAllowed },
    });
  const knock = async (id: string) => (await fetch(newsUrl(id), { method: 'POST', body: '[]' })).status;
  expect(await knock(await addWith('FROM_AFAR', ['198.51.100.0/24', '2001:db8::/32']))).toBe(401);
  expect(await counted(/outcome="wrong_address",channel="FROM_AFAR"/)).toBe(1);
  expect(await knock(await addWith('FROM_HERE', ['127.0.0.0/8', '::1']))).toBe(401);
  expect(await counted(/outcome="wrong_address",channel="FROM_HERE"/)).toBe(0);
  expect(await counted(/outcome="forged",channel="FROM_HERE"/)).toBe(1);
  await expect(addWith('FROM_NOWHERE', ['somewhere'])).rejects.toThrow('webhookIpsAllowed');
});

it('a call that was cut short is in doubt, and a message without a workflow gets one', async () => {
  const recipient = mailTo('silent');
  postbox.addFault({ kind: 'not_processed', operation: 'create' });
  const { id } = await send(welcome(recipient));
  await reaches(id, 'dead_letter');
  const uuid = parsePublicId('message', id) ?? '';
  await platform.temporal.workflow.getHandle(messageWorkflowId(uuid)).terminate('lost');
  await platform.database.query(
    `insert into message_calls (message_id, call_no, service_id, service_name)
     select message_id, max(call_no) + 1, $2, 'EMAIL_PROVIDER_PRIMARY' from message_calls where message_id = $1
     group by message_id`,
    [uuid, parsePublicId('service', ids['primary'] ?? '')],
  );
  await platform.database.query(`update messages set wake_at = now() - interval '1 minute' where id = $1`, [
    uuid,
  ]);
  postbox.clearFaults();
  await platform.sweep('messages');
  expect(await reaches(id, 'in_doubt')).toMatchObject({ error: { code: 'interrupted' } });
  expect(lettersTo(recipient)).toHaveLength(0);
});

it('a message that can not be is refused at once', async () => {
  const wrong = [
    [welcome('nobody'), 'recipient'],
    [welcome(mailTo(), { subject: undefined }), 'subject'],
    [welcome(mailTo(), { serviceTypePreference: ['NOBODY'] }), 'serviceTypePreference'],
    [
      welcome(mailTo(), { serviceTypePreference: ['EMAIL_PROVIDER_PRIMARY', 'SMS_PROVIDER_TWILIO'] }),
      'serviceTypePreference',
    ],
    [{ serviceTypePreference: ['SMS_PROVIDER_TWILIO'], recipient: '0912', body: 'Tea' }, 'recipient'],
    [
      { serviceTypePreference: ['SMS_PROVIDER_TWILIO'], recipient: '+886912345678', body: 'x'.repeat(1_601) },
      'body',
    ],
  ] as const;
  for (const [body, param] of wrong) {
    const reply = await call('POST', '/messages', body);
    expect([reply.status, reply.body]).toMatchObject([400, { error: { param } }]);
  }
});

it('a first choice that has failed too often is not asked any more', async () => {
  postbox.addFault({ kind: 'not_processed', operation: 'create', reference: 'primary' });
  const codes: (string | null | undefined)[] = [];
  for (let mail = 0; mail < 6; mail += 1) {
    const { id } = await send(welcome(mailTo()));
    codes.push((await reaches(id, 'delivered')).calls[0]?.code);
  }
  expect(codes.at(-1)).toBe('circuit_open');
  expect(postbox.inbox().slice(0, 6)).toMatchObject(Array(6).fill({ account: 'backup' }));
});
