import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  status: number;
  contentType: string;
  body: string;
  headers?: Record<string, string>;
}

export function json(status: number, body: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

export function refusal(status: number, code: string, message: string, more: object = {}): Answer {
  return json(status, { error: { code, message, ...more } });
}

export function html(status: number, body: string): Answer {
  return { status, contentType: 'text/html; charset=utf-8', body };
}

export function write(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(answer.body);
}

/** The whole body as text, or undefined if it is longer than any request here has reason to be. */
export async function readBody(request: IncomingMessage, bytesMax?: number): Promise<string | undefined> {
  return (await readBytes(request, bytesMax))?.toString('utf8');
}

export async function readBytes(request: IncomingMessage, bytesMax = 65_536): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as JSON; undefined, which JSON has not, if it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
