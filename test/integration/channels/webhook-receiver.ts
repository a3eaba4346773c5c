import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawWebhook } from '../../../integrations/channels/payment-provider';

/** Stands where the API would, and keeps what a provider sends exactly as it came. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly RawWebhook[];
  /** The webhooks so far, as soon as there are at least so many. */
  waitFor(count: number): Promise<readonly RawWebhook[]>;
  /** The next so many deliveries are answered with 500. */
  refuse(count: number): void;
  close(): Promise<void>;
}

export async function startWebhookReceiver(acknowledgement = ''): Promise<WebhookReceiver> {
  const received: RawWebhook[] = [];
  const waiting = new Set<() => void>();
  let refusals = 0;

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string | undefined>;
      received.push({ headers, body: Buffer.concat(chunks), receivedAt: new Date() });
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 500 : 200).end(acknowledgement);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/webhook`,
    received,
    refuse(count) {
      refusals = count;
    },
    waitFor(count) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${received.length} of ${count} webhooks came within 5 s`));
        }, 5_000);
        const look = () => {
          if (received.length < count) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(received);
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
