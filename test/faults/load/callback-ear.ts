import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HeardCallback } from './contracts';

/** A merchant's server that keeps a record of its own of what it was told, and has bad days when asked to. */
export interface CallbackEar {
  readonly url: string;
  readonly heard: ReadonlyMap<string, HeardCallback>;
  trust(secret: string): void;
  /** The next tries for this order fail. */
  failFor(orderId: string, how: { refusals: number; isSilent: boolean }): void;
  heal(): void;
  close(): Promise<void>;
}

interface BadDay {
  refusals: number;
  isSilent: boolean;
}

export function startCallbackEar(on: {
  refused: (how: 'callback_refused' | 'callback_unanswered') => void;
  problem: (text: string) => void;
}): Promise<CallbackEar> {
  const heard = new Map<string, HeardCallback>();
  const badDays = new Map<string, BadDay>();
  let secret = '';

  function take(body: string, signature: string): number | undefined {
    if (!isSigned(signature, body, secret)) {
      on.problem(`a callback came that was not signed as agreed: ${body.slice(0, 200)}`);
      return 400;
    }
    const event = JSON.parse(body) as { id: string; data: { payment?: { orderId?: string } } };
    const badDay = badDays.get(event.data.payment?.orderId ?? '');
    if (badDay !== undefined && badDay.refusals > 0) {
      badDay.refusals -= 1;
      on.refused(badDay.isSilent ? 'callback_unanswered' : 'callback_refused');
      return badDay.isSilent ? undefined : 500;
    }
    const before = heard.get(event.id);
    if (before === undefined) heard.set(event.id, { id: event.id, body, times: 1, isChanged: false });
    else {
      before.times += 1;
      before.isChanged ||= before.body !== body;
    }
    return 200;
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const status = take(
        Buffer.concat(chunks).toString('utf8'),
        String(request.headers['durapay-signature']),
      );
      if (status === undefined) response.destroy();
      else response.writeHead(status).end();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/durapay`,
        heard,
        trust: (given) => (secret = given),
        failFor: (orderId, how) => void badDays.set(orderId, { ...how }),
        heal: () => badDays.clear(),
        async close() {
          server.closeAllConnections();
          await new Promise((closed) => server.close(closed));
        },
      }),
    );
  });
}

function isSigned(header: string, body: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('=', 2));
  const at = parts.find(([name]) => name === 't')?.[1] ?? '';
  const expected = createHmac('sha256', secret).update(`${at}.${body}`).digest();
  return parts.some(([name, value = '']) => {
    const given = Buffer.from(name === 'v1' ? value : '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
