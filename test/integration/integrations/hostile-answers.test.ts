import { randomUUID } from 'node:crypto';
import { loadSettings, type Settings } from '../../../config/settings';
import { createPool, type Database } from '../../../db/pool';
import { createCallbackDelivery, type CallbackDelivery } from '../../../integrations/callbacks/deliver';
import { createEcpayClient } from '../../../integrations/channels/ecpay/client';
import { createStatements } from '../../../integrations/channels/ecpay/statements';
import type { ChannelCall, PaymentProvider } from '../../../integrations/channels/payment-provider';
import type { MessagingAdapter, OutgoingMessage } from '../../../integrations/messaging/messaging-provider';
import { createRegistry, type Registry } from '../../../integrations/registry';
import { createServiceAdapters, type ServiceAdapters } from '../../../integrations/services/adapters';
import type { ServiceCall } from '../../../integrations/services/service-adapter';
import { createLog } from '../../../telemetry/log';
import { createMetrics } from '../../../telemetry/metrics';
import { createOutgoing, type Outgoing } from '../../../workers/outgoing';
import { createRates } from '../../../workers/rates';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { manners, startHostileServer, type Manner } from '../../support/hostile-server';
import { until } from '../../support/until';

/**
 * Every way in which the product reads what somebody else wrote, as it is wired: limits, breaker, the vendors' SDKs,
 * the log of calls in a database. Whatever comes back, a call ends in time, reads no more than it may, lets go of the
 * connection, and passes nothing off as an answer.
 */
const patienceMs = { ofTime: 300, ofSize: 15_000 };
let timeoutMs: number;
/** What a call may take longer than its time: two cores play both ends of it. */
const graceMs = 2_000;
/** What may lie between the two ends, in the system's buffers. */
const underwayBytes = 16_000_000;
const answerBytes = 1_048_576;
const statementBytes = 33_554_432;

const log = createLog({ level: 'silent', process: 'test' });
let fresh: FreshDatabase;
let database: Database;
let outgoing: Outgoing;
let rates: ReturnType<typeof createRates>;
let callbacks: CallbackDelivery;
let settings: Settings;
let registry: Registry;
let adapters: ServiceAdapters;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 4, statementTimeoutMs: 10_000, name: 'test' });
  settings = loadSettings({
    NODE_ENV: 'test',
    DATABASE_URL: fresh.url,
    ENCRYPTION_KEYS: `test-1:${Buffer.alloc(32, 7).toString('base64')}`,
    EXCHANGE_PRIVATE_RANGES_ALLOWED: '127.0.0.0/8',
  });
  outgoing = createOutgoing({
    ...{ settings, database, log, metrics: createMetrics() },
    breakerChanged: () => undefined,
  });
  const parts = { caller: outgoing.caller, http: outgoing.http, now: () => new Date() };
  registry = createRegistry(parts);
  adapters = createServiceAdapters(parts);
  // The SDKs are loaded with the first message, which takes a time of its own.
  timeoutMs = patienceMs.ofTime;
  for (const name of ['sendgrid: send', 'twilio: send'] as const) await ways[name]('http://127.0.0.1:1');
});
afterAll(async () => {
  await outgoing.close();
  await database.end();
  await fresh.drop();
});

const credentials: Record<string, Record<string, string>> = {
  kpay: { merchantId: 'KP-1', apiSecret: 'kpay-secret-of-no-worth', webhookSecret: 'whsec' },
  tpay: { appId: 'TP-1', appSecret: 'tpay-secret-of-no-worth' },
  stripe: { secretKey: 'sk_test_of_no_worth', webhookSecret: 'whsec_1' },
  ecpay: {
    merchantId: '3002607',
    hashKey: 'pwFHCqoQZGmho4w6',
    hashIv: 'EkRm7iFT261dpevs',
    creditCheckCode: '1',
  },
};

/** An account of its own each time: a breaker that has opened would answer in the provider's stead. */
function callTo(channel: string, baseUrl: string): ChannelCall {
  const config = { id: randomUUID(), channel, mode: 'test', baseUrl } as const;
  return {
    config: { ...config, credentials: credentials[channel] ?? {} },
    timeoutMs,
    correlationId: 'hostile',
  };
}

const charge = {
  reference: 'pay_01980000000070008000000000000001-1',
  providerRef: 'pi_1',
  amount: 10_000n,
  currency: 'TWD',
  description: 'Tea, 100 g',
  webhookUrl: 'https://pay.example/hook',
  expiresAt: new Date(Date.now() + 600_000),
  capture: 'automatic',
} as const;
const movement = {
  ...{ chargeReference: charge.reference, providerRef: 'pi_1', amount: 100n, currency: 'TWD' },
  ...{ reference: 'ref_01980000000070008000000000000002', reason: 'returned', isFinal: true },
};
const days = { from: new Date(Date.now() - 86_400_000), to: new Date() };

type Way = (baseUrl: string) => Promise<string>;

/** In a few words what it came to: its kind, and the code if there is one. */
function inWords(outcome: { kind: string; code?: string | number; error?: { code: string } }): string {
  const code = outcome.code ?? outcome.error?.code;
  return code === undefined ? outcome.kind : `${outcome.kind}, ${code}`;
}

function toChannel(
  channel: string,
  ask: (provider: PaymentProvider, call: ChannelCall) => Promise<{ kind: string }>,
): Way {
  return async (baseUrl) => inWords(await ask(registry.provider(channel)!, callTo(channel, baseUrl)));
}

function toService(
  kind: string,
  ask: (adapter: MessagingAdapter, call: ServiceCall) => Promise<{ kind: string }>,
): Way {
  return async (baseUrl) => {
    const adapter = adapters.all.find((known) => known.kind === kind)!;
    const service = {
      ...{ id: randomUUID(), name: kind, kind, serviceType: adapter.serviceType, timeoutMs },
      configurations: adapter.configurationSchema.parse({ baseUrl, ...configurations[kind] }),
      retryPolicy: { triesMax: 1, firstDelayMs: 1, backoffFactor: 1, delayMsMax: 1 },
    };
    return inWords(await ask(adapter as MessagingAdapter, { service, timeoutMs, correlationId: 'hostile' }));
  };
}

const configurations: Record<string, Record<string, string>> = {
  SENDGRID: { apiKey: 'SG.of-no-worth', fromEmail: 'tea@shop.example' },
  TWILIO: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'of-no-worth-at-all', from: '+15005550006' },
  ALIYUN_SMS: {
    ...{ accessKeyId: 'LTAI-sandbox', accessKeySecret: 'secret-of-no-worth' },
    ...{ signName: 'Durapay', templateCode: 'SMS_1' },
  },
  HTTP_ENDPOINT: {},
};
const mail: OutgoingMessage = {
  ...{ kind: 'mail', reference: 'msg_1', to: 'customer@example.com' },
  ...{ subject: 'Welcome', text: 'Your tea awaits.' },
};
const sms: OutgoingMessage = { kind: 'sms', reference: 'msg_1', to: '+8613900001111', text: 'Your tea.' };
const fate = { reference: 'msg_1', providerRef: `SM${'f'.repeat(32)}`, to: sms.to, sentAt: new Date() };

const ecpay = () =>
  createEcpayClient({ caller: outgoing.caller, http: outgoing.http, now: () => new Date() });

const ways = {
  'kpay: start': toChannel('kpay', (kpay, call) => kpay.startCharge(call, charge)),
  'kpay: query': toChannel('kpay', (kpay, call) => kpay.queryCharge(call, charge)),
  'kpay: capture': toChannel('kpay', (kpay, call) => kpay.captureCharge!(call, movement)),
  'kpay: refund': toChannel('kpay', (kpay, call) => kpay.refundCharge!(call, movement)),
  'tpay: start': toChannel('tpay', (tpay, call) => tpay.startCharge(call, charge)),
  'tpay: query': toChannel('tpay', (tpay, call) => tpay.queryCharge(call, charge)),
  'tpay: refund': toChannel('tpay', (tpay, call) => tpay.refundCharge!(call, movement)),
  'stripe: start': toChannel('stripe', (stripe, call) => stripe.startCharge(call, charge)),
  'stripe: query': toChannel('stripe', (stripe, call) => stripe.queryCharge(call, charge)),
  'stripe: search': toChannel('stripe', (stripe, call) =>
    stripe.queryCharge(call, { ...charge, providerRef: undefined }),
  ),
  'stripe: capture': toChannel('stripe', (stripe, call) => stripe.captureCharge!(call, movement)),
  'stripe: refund': toChannel('stripe', (stripe, call) => stripe.refundCharge!(call, movement)),
  'stripe: customer': toChannel('stripe', (stripe, call) =>
    stripe.vault!.createCustomer(call, { reference: 'cus_1', email: 'customer@example.com' }),
  ),
  'stripe: balance transactions': toChannel('stripe', (stripe, call) =>
    stripe.listMovements!(call, { ...days, limit: 100 }),
  ),
  'ecpay: query': toChannel('ecpay', (provider, call) => provider.queryCharge(call, charge)),
  'ecpay: look before a refund': toChannel('ecpay', (provider, call) =>
    provider.refundCharge!(call, movement),
  ),
  'ecpay: action': async (baseUrl) => {
    const outcome = await ecpay().ask(callTo('ecpay', baseUrl), 'action', { Action: 'R' });
    // ECPay's services word their answers each in its own way: what a text means is judged behind this.
    return inWords(outcome);
  },
  'ecpay: statement': async (baseUrl) =>
    inWords(await createStatements(ecpay()).trades(callTo('ecpay', baseUrl), days)),
  'ecpay: statement of cards': async (baseUrl) =>
    inWords(await createStatements(ecpay()).cards(callTo('ecpay', baseUrl), days)),
  'sendgrid: send': toService('SENDGRID', (sendgrid, call) => sendgrid.send(call, mail)),
  'sendgrid: test': toService('SENDGRID', (sendgrid, call) => sendgrid.testConnection(call, {})),
  'twilio: send': toService('TWILIO', (twilio, call) => twilio.send(call, sms)),
  'twilio: fate': toService('TWILIO', (twilio, call) => twilio.fateOf!(call, fate)),
  'aliyun: send': toService('ALIYUN_SMS', (aliyun, call) => aliyun.send(call, sms)),
  'aliyun: fate': toService('ALIYUN_SMS', (aliyun, call) => aliyun.fateOf!(call, fate)),
  'an endpoint’s health': toService('HTTP_ENDPOINT', (endpoint, call) => endpoint.checkHealth!(call)),
  'a source of rates': async (baseUrl) => {
    const { problems } = await rates.collectRates({
      ...{ id: randomUUID(), name: 'hostile', url: `${baseUrl}/rates`, isEnabled: true, spreadPercent: '0' },
      pairs: [{ base: 'USD', quote: 'TWD', path: '$.rates.TWD' }],
    });
    return `unknown, ${/: (\w+):? /.exec(problems.join('; '))?.[1]}`;
  },
  'a callback': async (baseUrl) => {
    const outcome = await callbacks.deliver({ url: `${baseUrl}/hook`, headers: {}, body: '{}' });
    return outcome.kind;
  },
} satisfies Record<string, Way>;

type Name = keyof typeof ways;

const codes: Record<Manner, string> = {
  'a body without end': 'answer_too_large',
  'a body of 100 MB': 'answer_too_large',
  'a body drop by drop': 'timeout',
  'a body that is no JSON': 'answer_unreadable',
  'a body nested 400,000 deep': 'answer_unreadable',
  'a body that is only a word': 'answer_unreadable',
  'headers without end': 'connection_lost',
  'headers drop by drop': 'timeout',
  'early hints without end': 'answer_too_large',
  'trailers without end': 'connection_lost',
  silence: 'timeout',
};

/** Whole answers, however odd: the connection may be used again. */
const isWhole = (manner: Manner) =>
  manner === 'a body that is no JSON' ||
  manner === 'a body that is only a word' ||
  manner === 'a body nested 400,000 deep';

function wordsFor(name: Name, manner: Manner): string {
  const code = codes[manner];
  switch (name) {
    // Any 200 will do, or is judged behind this by what stands in it.
    case 'an endpoint’s health':
    case 'ecpay: action':
      return isWhole(manner) ? 'ok' : `unknown, ${code}`;
    // Nothing is moved by asking, so there is nothing to be in doubt about.
    case 'ecpay: look before a refund':
    case 'ecpay: statement':
    case 'ecpay: statement of cards':
    case 'stripe: balance transactions':
    case 'stripe: customer':
      return `unavailable, ${code}`;
    // Any JSON is looked into, and the rate is not there.
    case 'a source of rates':
      return manner === 'a body that is only a word' ? 'unknown, there' : `unknown, ${code}`;
    // The status decides, and it has come.
    case 'a callback':
      return /^headers|^early|^silence/.test(manner) ? 'unreachable' : 'delivered';
    default:
      return `unknown, ${code}`;
  }
}

/** What waits for its time to be over waits together. */
const sevenAtOnce = Object.keys(ways).reduce<Name[][]>((rows, name, at) => {
  if (at % 7 === 0) rows.push([]);
  rows.at(-1)?.push(name as Name);
  return rows;
}, []);

const files: readonly Name[] = ['ecpay: statement', 'ecpay: statement of cards'];

describe.each(Object.keys(manners) as Manner[])('%s', (manner) => {
  // What ends by its size must not be ended by time, however busy the machine is.
  const isEndedByTime = codes[manner] === 'timeout';
  beforeAll(() => {
    timeoutMs = isEndedByTime ? patienceMs.ofTime : patienceMs.ofSize;
    const waiting = { ...settings, CHANNEL_TIMEOUT_MS: timeoutMs };
    rates = createRates({ settings: waiting, database, log, outgoing });
    callbacks = createCallbackDelivery({ timeoutMs, privateRangesAllowed: ['127.0.0.0/8'] });
  });
  afterAll(async () => {
    await callbacks.close();
    await rates.close();
  });

  async function meet(name: Name): Promise<void> {
    const server = await startHostileServer(manner);
    try {
      const begun = performance.now();
      expect([name, await ways[name](server.url)]).toEqual([name, wordsFor(name, manner)]);
      if (isEndedByTime) expect(performance.now() - begun).toBeLessThan(timeoutMs + graceMs);
      expect(server.requests()).toBe(1);
      await until('it has let go of the connection', () => isWhole(manner) || server.connections() === 0);
      expect(server.bytesTaken()).toBeLessThan(
        underwayBytes + (files.includes(name) ? statementBytes : answerBytes),
      );
    } finally {
      await server.close();
    }
  }

  if (isEndedByTime)
    it.each(sevenAtOnce)('%s and those after it', (...names) => Promise.all(names.map(meet)));
  else it.each(Object.keys(ways) as Name[])('%s', meet);
});

test('of all that little was written down', async () => {
  const { rows } = await until('the log is written', async () => {
    const found = await database.query<{ calls: bigint; longest: bigint }>(
      `select count(*)::int8 as calls, max(length(response_payload))::int8 as longest from integration_calls
       where correlation_id = 'hostile'`,
    );
    // Callbacks are written down elsewhere, rates under numbers of their own.
    const made = (Object.keys(ways).length - 2) * Object.keys(manners).length;
    return (found.rows[0]?.calls ?? 0n) >= BigInt(made) && found;
  });
  expect(rows[0]?.longest).toBeLessThan(100n);
});
