import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './http';
import type { Payment } from './merchant';

export interface PaymentCallback {
  id: string;
  type: string;
  sequence: number;
  data: { payment: Payment };
}

/** A merchant's own server: takes callbacks that are signed with its secret, and refuses all others. */
export interface CallbackServer {
  url: string;
  /** Shown once, when the address was registered: until it is known nothing can be verified. */
  trust(secret: string): void;
  /** The first verified callback that fits, whether it has come already or is still to come. */
  received(fits: (callback: PaymentCallback) => boolean, signal: AbortSignal): Promise<PaymentCallback>;
  /** Answers 500 to the next ones, as a shop does on a bad day; 0 ends that. */
  refuseNext(count: number): void;
  close(): Promise<void>;
}

const bodyBytesMax = 64 * 1_024;
const keptMax = 1_000;
const ageSecondsMax = 300;

export async function startCallbackServer(): Promise<CallbackServer> {
  const kept: PaymentCallback[] = [];
  const refused: string[] = [];
  let secret: string | undefined;
  let badDays = 0;

  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => {
        const problem = problemOf(String(request.headers['durapay-signature'] ?? ''), body, secret);
        if (problem !== undefined) {
          refused.push(problem);
          response.writeHead(400).end(problem);
          return;
        }
        if (badDays > 0) {
          badDays -= 1;
          response.writeHead(500).end('not today');
          return;
        }
        if (kept.length < keptMax) kept.push(JSON.parse(body) as PaymentCallback);
        response.writeHead(200).end('ok');
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/durapay/callback`,
    trust: (told) => (secret = told),
    received: (fits, signal) =>
      until(signal, () => {
        const [problem] = refused;
        if (problem !== undefined) throw new Error(`a callback came that had to be refused: ${problem}`);
        return kept.find(fits);
      }),
    refuseNext: (count) => (badDays = count),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `Durapay-Signature: t=<unix seconds>,v1=<hex>[,v1=…]`, as docs/callbacks.md tells merchants to check it. */
function problemOf(header: string, body: string, secret: string | undefined): string | undefined {
  if (secret === undefined) return 'no secret is known yet';
  const parts = header.split(',').map((part) => part.split('=', 2));
  const at = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(at)) return 'the signature has no time';
  if (Math.abs(Date.now() / 1_000 - Number(at)) > ageSecondsMax) return 'the signature is too old';
  const expected = createHmac('sha256', secret).update(`${at}.${body}`, 'utf8').digest();
  const isSigned = parts.some(([name, value]) => {
    const given = Buffer.from(name === 'v1' ? (value ?? '') : '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned ? undefined : 'the signature is not of this body and secret';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
