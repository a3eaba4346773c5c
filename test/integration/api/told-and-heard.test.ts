import { newId } from '../../../db/ids';
import { endpointSecretPlace } from '../../../db/stores/callback-endpoint-store';
import { recordCallbackTry } from '../../../db/stores/callback-store';
import { receive } from '../../../db/stores/webhook-inbox-store';
import { parsePublicId, publicId } from '../../../domain/ids';
import type { ChannelEvent } from '../../../domain/payment/outcome';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';
import { insertPayment } from '../../support/payments';

let api: TestApi;
let owner: TestMerchant;
let stranger: TestMerchant;
let channelConfigId: string;
let endpointId: string;
let firstSecret: string;
let paymentId: string;
const resent: string[] = [];

beforeAll(async () => {
  api = await startTestApi({ resendCallback: async (eventId) => void resent.push(eventId) });
  owner = await api.addMerchant('Owner');
  stranger = await api.addMerchant('Stranger');
  channelConfigId = await api.addChannel();
  const configured = await api.call('PUT', `/api/v1/merchants/${owner.publicId}/payment-config`, {
    key: owner.testKey,
    body: { currencies: ['USD'], channels: ['kpay'], callbackUrl: 'https://owner.example/callback' },
  });
  const { callbackEndpointId, callbackSecret } = configured.body as Record<string, string>;
  endpointId = callbackEndpointId ?? '';
  firstSecret = callbackSecret ?? '';
  paymentId = await insertPayment(api.database, {
    merchantId: owner.id,
    orderId: 'tea-1',
    channelConfigId: parsePublicId('channelConfig', channelConfigId),
  });
});
afterAll(() => api.stop());

interface Listed {
  data: Record<string, unknown>[];
  hasMore: boolean;
}
const list = async (path: string, key = owner.testKey) => {
  const reply = await api.call('GET', `/api/v1${path}`, { key });
  expect([reply.status, reply.text]).toEqual([200, reply.text]);
  return reply.body as Listed;
};

function heard(eventId: string, of: string | undefined, event?: Partial<ChannelEvent>): Promise<unknown> {
  return receive(api.database, {
    id: newId(),
    channelConfigId: parsePublicId('channelConfig', channelConfigId) ?? '',
    providerEventId: eventId,
    attempt: of === undefined ? undefined : { paymentId: of, attemptNo: 1 },
    event: event as ChannelEvent | undefined,
    body: Buffer.from('a-secret-of-the-provider'),
  });
}

describe('received events', () => {
  beforeAll(async () => {
    const reference = `${publicId('payment', paymentId)}-1`;
    await heard('e-1', paymentId, {
      about: 'charge',
      reference,
      occurredAt: '2026-01-01T00:00:00.000Z',
      status: { kind: 'open', nextAction: { type: 'client_secret', secret: 'a-client-secret' } },
    });
    await heard('e-2', paymentId, {
      about: 'dispute',
      reference,
      occurredAt: '2026-01-02T00:00:00.000Z',
      dispute: { providerRef: 'd', state: 'opened', amountMinor: '1', currency: 'USD', reasonCode: 'x' },
    });
    await heard('e-3', undefined);
  });

  it('are shown to an operator, newest first, page by page', async () => {
    const first = await list('/webhooks/received?limit=2', api.operatorKey);
    expect(first).toMatchObject({
      hasMore: true,
      data: [
        {
          providerEventId: 'e-3',
          about: null,
          says: null,
          paymentId: null,
          status: 'ignored',
          channel: 'kpay',
        },
        { providerEventId: 'e-2', about: 'dispute', says: 'opened', status: 'received', channelConfigId },
      ],
    });
    const cursor = String(first.data[1]?.id);
    const rest = await list(`/webhooks/received?limit=2&startingAfter=${cursor}`, api.operatorKey);
    expect(rest).toMatchObject({ hasMore: false, data: [{ providerEventId: 'e-1', about: 'charge' }] });
  });

  it('without what they were said with: bodies and next actions may hold secrets', async () => {
    const { text } = await api.call('GET', '/api/v1/webhooks/received', { key: api.operatorKey });
    expect(text).toContain('e-1');
    expect(text).not.toMatch(/a-secret-of-the-provider|a-client-secret/);
  });

  it.each([
    ['status=ignored', ['e-3']],
    ['channel=kpay', ['e-3', 'e-2', 'e-1']],
    ['channel=another', []],
    ['from=2999-01-01T00:00:00Z', []],
    ['to=2020-01-01T00:00:00Z&from=2019-01-01T00:00:00Z', []],
  ])('filtered by %s', async (filter, expected) => {
    const { data } = await list(`/webhooks/received?${filter}`, api.operatorKey);
    expect(data.map(({ providerEventId }) => providerEventId)).toEqual(expected);
  });

  it('a merchant sees those of its own payments, all or of one by either name', async () => {
    for (const filter of ['', '?payment=tea-1', `?payment=${publicId('payment', paymentId)}`]) {
      const { data } = await list(`/webhooks/received${filter}`);
      expect(data.map(({ providerEventId }) => providerEventId)).toEqual(['e-2', 'e-1']);
    }
    for (const key of [owner.liveKey, stranger.testKey]) {
      expect(await list('/webhooks/received', key)).toMatchObject({ data: [], hasMore: false });
      const path = `/api/v1/webhooks/received?payment=${publicId('payment', paymentId)}`;
      expect((await api.call('GET', path, { key })).status).toBe(404);
    }
  });
});

describe('callbacks', () => {
  let eventIds: string[];
  beforeAll(async () => {
    eventIds = [newId(), newId()];
    await api.database.query(
      `insert into outbox (id, merchant_id, payment_id, endpoint_id, sequence, type, body, status)
       select id, $2, $3, $4, 2, 'payment.succeeded', '{}', status
       from unnest($1::uuid[], $5::text[]) as e (id, status)`,
      [
        eventIds,
        owner.id,
        paymentId,
        parsePublicId('webhookEndpoint', endpointId),
        ['abandoned', 'delivered'],
      ],
    );
    const tried = { at: new Date('2026-01-02T03:04:05Z'), durationMs: 9, statusCode: 500, answer: 'no' };
    await recordCallbackTry(api.database, eventIds[0] ?? '', tried, false);
  });

  it('are listed with each try, to their merchant and to operators', async () => {
    for (const key of [owner.testKey, api.operatorKey]) {
      const page = await list('/callbacks?limit=1', key);
      expect(page).toMatchObject({ hasMore: true, data: [{ status: 'delivered', tries: [] }] });
      const rest = await list(`/callbacks?limit=1&startingAfter=${String(page.data[0]?.id)}`, key);
      expect(rest).toMatchObject({
        hasMore: false,
        data: [
          {
            id: publicId('event', eventIds[0] ?? ''),
            paymentId: publicId('payment', paymentId),
            callbackEndpointId: endpointId,
            status: 'abandoned',
            tries: [{ no: 1, at: '2026-01-02T03:04:05.000Z', durationMs: 9, statusCode: 500, answer: 'no' }],
          },
        ],
      });
    }
    expect((await list('/callbacks?status=abandoned&payment=tea-1')).data).toHaveLength(1);
    expect(await list('/callbacks', stranger.testKey)).toMatchObject({ data: [], hasMore: false });
    expect(await list('/callbacks', owner.liveKey)).toMatchObject({ data: [], hasMore: false });
  });

  it('are sent again by hand, by their own merchant and by operators only', async () => {
    const path = `/api/v1/callbacks/${publicId('event', eventIds[0] ?? '')}/resend`;
    for (const key of [stranger.testKey, owner.liveKey]) {
      expect((await api.call('POST', path, { key })).status).toBe(404);
    }
    expect(resent).toEqual([]);
    for (const key of [owner.testKey, api.operatorKey]) {
      const reply = await api.call('POST', path, { key });
      expect([reply.status, reply.body]).toMatchObject([202, { id: publicId('event', eventIds[0] ?? '') }]);
    }
    expect(resent).toEqual([eventIds[0], eventIds[0]]);
    const none = await api.call('POST', `/api/v1/callbacks/${publicId('event', newId())}/resend`, {
      key: api.operatorKey,
    });
    expect(none.status).toBe(404);
  });
});

describe('the secret of an endpoint', () => {
  const secretsOf = async (id: string) => {
    const { rows } = await api.database.query<{ secret: Buffer; previous_secret: Buffer | null }>(
      'select secret, previous_secret from webhook_endpoints where id = $1',
      [id],
    );
    return [rows[0]?.secret, rows[0]?.previous_secret].map((sealed) =>
      api.secretBox.openText(sealed ?? Buffer.alloc(0), endpointSecretPlace(id)),
    );
  };

  it('is renewed under its own address; the old one signs along', async () => {
    const path = `/api/v1/webhook-endpoints/${endpointId}/rotate-secret`;
    for (const key of [stranger.testKey, owner.liveKey]) {
      expect((await api.call('POST', path, { key })).status).toBe(404);
    }
    const reply = await api.call('POST', path, { key: owner.testKey });
    const { callbackSecret, previousSecretUntil, callbackEndpointId } = reply.body as Record<string, string>;
    expect([reply.status, callbackEndpointId]).toEqual([201, endpointId]);
    expect(Date.parse(previousSecretUntil ?? '') - Date.now()).toBeGreaterThan(86_000_000);
    const id = parsePublicId('webhookEndpoint', endpointId) ?? '';
    expect(await secretsOf(id)).toEqual([callbackSecret, firstSecret]);
  });

  it('of an address that came with a payment is the usual one', async () => {
    const own = newId();
    const usual = parsePublicId('webhookEndpoint', endpointId) ?? '';
    await api.database.query(
      `insert into webhook_endpoints (id, merchant_id, mode, url, secret_of) values ($1, $2, 'test', 'https://x.example/', $3)`,
      [own, owner.id, usual],
    );
    const path = `/api/v1/webhook-endpoints/${publicId('webhookEndpoint', own)}/rotate-secret`;
    const reply = await api.call('POST', path, { key: api.operatorKey });
    const { callbackSecret, callbackEndpointId } = reply.body as Record<string, string>;
    expect([reply.status, callbackEndpointId]).toEqual([201, endpointId]);
    expect((await secretsOf(usual))[0]).toBe(callbackSecret);
  });
});
