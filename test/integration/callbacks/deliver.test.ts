import type { ServerResponse } from 'node:http';
import { createCallbackDelivery, type CallbackDelivery } from '../../../integrations/callbacks/deliver';
import { answers, startReceiver, type Receiver } from './receiver';

const timeoutMs = 2_000;
let receiver: Receiver;
let delivery: CallbackDelivery;

const post = (url: string, body = '{"id":"evt_1"}') =>
  delivery.deliver({ url, headers: { 'x-one': '1' }, body });

beforeEach(async () => {
  receiver = await startReceiver();
  delivery = createCallbackDelivery({ timeoutMs, privateRangesAllowed: ['127.0.0.0/8'] });
});

afterEach(async () => {
  await delivery.close();
  await receiver.close();
});

test('posts the body as JSON and reports the answer', async () => {
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'delivered', code: 200, answer: 'thanks' });
  const [request] = receiver.received;
  expect(request).toMatchObject({ path: '/hooks', body: '{"id":"evt_1"}' });
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Durapay',
    'x-one': '1',
  });
});

test('keeps connections for the next callbacks', async () => {
  for (let i = 0; i < 20; i++) await post(receiver.url);
  expect(receiver.received).toHaveLength(20);
  expect(receiver.connections()).toBeLessThanOrEqual(2);
});

test.each([204, 299])('takes %i for delivered', async (code) => {
  receiver.behave(answers.status(code));
  await expect(post(receiver.url)).resolves.toMatchObject({ kind: 'delivered', code });
});

test.each([300, 400, 404, 500, 503])('takes %i for refused', async (code) => {
  receiver.behave(answers.status(code, 'no'));
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'refused', code, answer: 'no' });
});

test('does not follow a redirect', async () => {
  const elsewhere = await startReceiver();
  receiver.behave((response) => response.writeHead(307, { location: elsewhere.url }).end());
  await expect(post(receiver.url)).resolves.toMatchObject({ kind: 'refused', code: 307 });
  expect(elsewhere.received).toHaveLength(0);
  await elsewhere.close();
});

test('gives up on an endpoint that never answers when its time is over', async () => {
  receiver.behave(answers.nothing);
  const startedAt = performance.now();
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'unreachable', reason: 'timeout' });
  expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 8_000);
});

test('gives up on headers that trickle without an end', async () => {
  receiver.behave((response) => {
    const timer = setInterval(() => response.socket?.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
    response.socket?.on('close', () => clearInterval(timer));
  });
  await expect(post(receiver.url)).resolves.toMatchObject({ kind: 'unreachable' });
});

test('gives up on early hints that come without an end, long before its time is over', async () => {
  await delivery.close();
  delivery = createCallbackDelivery({ timeoutMs: 20_000, privateRangesAllowed: ['127.0.0.0/8'] });
  receiver.behave((response) => {
    for (let told = 0; told < 100; told += 1) response.writeEarlyHints({ link: '</a>; rel=preload' });
  });
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'unreachable', reason: 'no answer' });
});

test('reads no more than the beginning of an endless answer', async () => {
  let sentBytes = 0;
  receiver.behave((response) => {
    const block = Buffer.alloc(65_536, 'a');
    const pour = (): void => {
      if (sentBytes >= 100_000_000 || response.destroyed) return void response.end();
      sentBytes += block.length;
      response.write(block, () => pour());
    };
    pour();
  });
  const outcome = await post(receiver.url);
  expect(outcome).toMatchObject({ kind: 'delivered', code: 200 });
  expect('answer' in outcome && outcome.answer).toHaveLength(1_024);
  expect(sentBytes).toBeLessThan(20_000_000);
});

test('counts a success whose answer never ends as delivered', async () => {
  receiver.behave((response) => void response.writeHead(200).write('ok so f'));
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'delivered', code: 200, answer: 'ok so f' });
});

test('makes the answer fit for a database text', async () => {
  receiver.behave(answers.status(500, Buffer.from([0x61, 0x00, 0xff, 0x62])));
  const outcome = await post(receiver.url);
  expect(outcome).toMatchObject({ kind: 'refused', answer: 'a\u{FFFD}\u{FFFD}b' });
});

test('says in a word why nobody answered', async () => {
  const { port } = receiver;
  await receiver.close();
  await expect(post(`http://127.0.0.1:${port}/`)).resolves.toEqual({
    kind: 'unreachable',
    reason: 'connection refused',
  });
  await expect(post('not an address')).resolves.toEqual({ kind: 'unreachable', reason: 'bad address' });
});

test('an endpoint that hangs up is unreachable', async () => {
  receiver.behave((response: ServerResponse) => response.socket?.destroy());
  await expect(post(receiver.url)).resolves.toEqual({ kind: 'unreachable', reason: 'connection closed' });
});

test('stops at once when told to', async () => {
  receiver.behave(answers.nothing);
  const stop = new AbortController();
  const outcome = delivery.deliver({ url: receiver.url, headers: {}, body: '{}', signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(outcome).resolves.toEqual({ kind: 'unreachable', reason: 'stopped' });
});

describe('without an exception for loopback', () => {
  beforeEach(async () => {
    await delivery.close();
    delivery = createCallbackDelivery({ timeoutMs, privateRangesAllowed: [] });
  });

  test.each([
    ['the address', (port: number) => `http://127.0.0.1:${port}/`],
    ['the address over TLS', (port: number) => `https://127.0.0.1:${port}/`],
    ['a name', (port: number) => `http://localhost:${port}/`],
    ['a number', (port: number) => `http://2130706433:${port}/`],
    ['hexadecimal', (port: number) => `http://0x7f.1:${port}/`],
    ['IPv4 in IPv6', (port: number) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['IPv4 in IPv6, in hexadecimal', (port: number) => `http://[::ffff:7f00:1]:${port}/`],
    ['the unspecified address', (port: number) => `http://0.0.0.0:${port}/`],
    ['IPv6 loopback', (port: number) => `http://[::1]:${port}/`],
  ])('loopback is closed to %s', async (_, url) => {
    await expect(post(url(receiver.port))).resolves.toEqual({
      kind: 'forbidden_address',
      reason: expect.stringMatching(/^Callbacks may not go to \S+\.$/) as string,
    });
    expect(receiver.connections()).toBe(0);
  });

  test('a name is judged anew for every connection: a changed answer leads nowhere', async () => {
    await delivery.close();
    const asked: string[] = ['127.0.0.1', '10.0.0.1'];
    delivery = createCallbackDelivery({
      timeoutMs,
      privateRangesAllowed: ['127.0.0.1/32'],
      resolve: async () => [{ address: asked.shift() ?? '', family: 4 }],
    });
    receiver.behave((response) => response.writeHead(200, { connection: 'close' }).end());
    const url = `http://rebind.example:${receiver.port}/`;
    await expect(post(url)).resolves.toMatchObject({ kind: 'delivered' });
    await expect(post(url)).resolves.toMatchObject({ kind: 'forbidden_address' });
    expect(receiver.received).toHaveLength(1);
  });

  test('of several answers only the public ones are called', async () => {
    await delivery.close();
    delivery = createCallbackDelivery({
      timeoutMs,
      privateRangesAllowed: ['127.0.0.1/32'],
      resolve: async () => [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    });
    await expect(post(`http://mixed.example:${receiver.port}/`)).resolves.toMatchObject({
      kind: 'delivered',
    });
  });
});

test('without TLS nothing public is called', async () => {
  await delivery.close();
  delivery = createCallbackDelivery({
    timeoutMs,
    privateRangesAllowed: ['127.0.0.0/8'],
    resolve: async () => [{ address: '192.0.66.1', family: 4 }],
  });
  await expect(post(`http://plain.example:${receiver.port}/`)).resolves.toMatchObject({
    kind: 'forbidden_address',
  });
  await expect(post('ftp://127.0.0.1/')).resolves.not.toMatchObject({ kind: 'delivered' });
});
