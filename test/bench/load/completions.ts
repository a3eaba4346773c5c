import http from 'node:http';
import type { AddressInfo } from 'node:net';

const waitMsMax = 30_000;

export interface Completions {
  doneUrl: string;
  /** Resolves when the order is told finished; rejects when that takes too long. */
  finished(orderId: string): Promise<void>;
}

/** Listens for finished orders: lists from a floor, signed callbacks from the product. */
export function listenForCompletions(): Promise<Completions> {
  const waiting = new Map<string, () => void>();
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(204).end();
      for (const orderId of finishedOrders(JSON.parse(Buffer.concat(parts).toString()))) {
        waiting.get(orderId)?.();
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  const finished = (orderId: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const overdue = setTimeout(() => {
        waiting.delete(orderId);
        reject(new Error(`${orderId} was not finished within ${waitMsMax} ms`));
      }, waitMsMax);
      waiting.set(orderId, () => {
        clearTimeout(overdue);
        waiting.delete(orderId);
        resolve();
      });
    });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ doneUrl: `http://127.0.0.1:${port}/done`, finished });
    });
  });
}

function finishedOrders(body: unknown): string[] {
  if (Array.isArray(body)) return body as string[];
  const event = body as { type?: string; data?: { payment?: { orderId?: string } } };
  const orderId = event.data?.payment?.orderId;
  return event.type === 'payment.succeeded' && orderId !== undefined ? [orderId] : [];
}
