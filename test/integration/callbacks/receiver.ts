import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Behaviour = (response: ServerResponse, received: Received) => void;

/** A merchant's server on loopback: keeps what it got, and answers as it is told to. */
export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  connections(): number;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

export const answers = {
  ok: (response: ServerResponse) => void response.writeHead(200).end('thanks'),
  status:
    (code: number, body: string | Buffer = '') =>
    (response: ServerResponse) =>
      void response.writeHead(code).end(body),
  nothing: () => undefined,
};

export async function startReceiver(behaviour: Behaviour = answers.ok): Promise<Receiver> {
  const received: Received[] = [];
  let behave = behaviour;
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(one);
      behave(response, one);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    received,
    connections: () => connections,
    behave: (next) => (behave = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
