import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until';

export interface CallbackEvent {
  id: string;
  type: string;
  sequence: number;
  data: {
    payment: { id: string; orderId: string; status: string; amount: string; refundedAmount: string };
    refund?: { id: string; status: string; amount: string; error: { code: string } | null };
    dispute?: { id: string; status: string; amount: string };
  };
}

/** A merchant's server: believes only what is signed with its secret, and keeps it. */
export interface CallbackReceiver {
  readonly url: string;
  readonly events: readonly CallbackEvent[];
  /** What came and was not signed as it should be: none, ever. */
  readonly forged: readonly string[];
  readonly secret: string;
  trust(secret: string): void;
  /** Answers 500 until it is told otherwise, and keeps nothing. */
  isDown: boolean;
  waitFor(orderId: string, type: string, timeoutMs?: number): Promise<CallbackEvent>;
  close(): Promise<void>;
}

export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const events: CallbackEvent[] = [];
  const forged: string[] = [];
  let secret = '';
  let isDown = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const isGenuine = isSigned(String(request.headers['durapay-signature']), body, secret);
      if (isGenuine && isDown) return void response.writeHead(500).end('not today');
      if (isGenuine) events.push(JSON.parse(body) as CallbackEvent);
      else forged.push(body);
      response.writeHead(isGenuine ? 200 : 400).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/durapay`,
    events,
    forged,
    get secret() {
      return secret;
    },
    trust: (given) => (secret = given),
    get isDown() {
      return isDown;
    },
    set isDown(down) {
      isDown = down;
    },
    waitFor: (orderId, type, timeoutMs) =>
      until(
        `callback ${type} for ${orderId}`,
        () => events.find((event) => event.type === type && event.data.payment.orderId === orderId),
        timeoutMs,
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isSigned(header: string, body: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('=', 2));
  const seconds = parts.find(([name]) => name === 't')?.[1] ?? '';
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  const isFresh = Math.abs(Date.now() / 1_000 - Number(seconds)) < 300;
  return (
    isFresh &&
    parts.some(([name, value = '']) => {
      const given = Buffer.from(value, 'hex');
      return name === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    })
  );
}
