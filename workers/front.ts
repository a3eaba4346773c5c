import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartRefused } from './run-process';

/** A process's port, open from its first moment on: who asks while it starts is told what it waits for. */
export interface Front {
  readonly server: Server;
  readonly port: number;
  /** What /readyz tells until there is something to serve. */
  waitsFor(what: string): void;
  serve(handler: RequestListener): void;
}

export interface FrontPlace {
  host: string;
  port: number;
  /** Names the port in the settings. */
  setting: string;
}

/** `otherwise` answers what is asked while the process starts, and is not how it is. */
export async function openFront(place: FrontPlace, otherwise: RequestListener): Promise<Front> {
  let message = 'the process starts';
  let handle: RequestListener = (request, response) => {
    const checks = { start: { ok: false, message } };
    const path = pathOf(request);
    if (path === '/healthz') answerJson(response, 200, { status: 'ok' });
    else if (path === '/readyz') answerJson(response, 503, { status: 'not_ready', checks, warnings: [] });
    else otherwise(request, response);
  };
  // A request without a Host header is the handler's to refuse: http's own refusal says nothing.
  const server = createServer({ requireHostHeader: false }, (request, response) => handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(inWords(error, place)));
    server.listen(place.port, place.host, resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    waitsFor: (what) => void (message = `waits for ${what}`),
    serve: (handler) => void (handle = handler),
  };
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/';
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

function inWords(error: NodeJS.ErrnoException, { host, port, setting }: FrontPlace): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new StartRefused(
    `Port ${port} on ${host} is in use by another process: end that, or set ${setting} to another port.`,
  );
}
