import express, { type Request, type Response } from 'express';
import { fail } from '../errors';
import { parseJson } from '../json';
import { refuseUnstorable } from './refuse-unstorable';

/** How long a body may take to arrive; a caller that stalls holds no memory for longer. */
const arrivesWithinMs = 15_000;

/** `bytesMax` is of the one route that takes more than the others. */
export type ReadBody = (request: Request, response: Response, bytesMax?: number) => Promise<unknown>;

/** Reads one JSON object from a request, or throws what is wrong with it. */
export function createReadBody(options: { bytesMax: number }): ReadBody {
  const readUpTo = (limit: number) => express.raw({ type: () => true, limit, inflate: false });
  const readUsual = readUpTo(options.bytesMax);

  return async (request, response, bytesMax) => {
    if (!hasBody(request)) return undefined;
    requireJson(request.headers['content-type'], request.headers['content-encoding']);
    const readRaw = bytesMax === undefined ? readUsual : readUpTo(bytesMax);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(fail('request_timeout')), arrivesWithinMs);
      readRaw(request, response, (error?: unknown) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('The body could not be read.'));
      });
    });
    return parseBody(request.body as Buffer);
  };
}

function hasBody(request: Request): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

function requireJson(contentType: string | undefined, encoding: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  const isJson = /^application\/(?:json|[a-z0-9.+-]+\+json)$/.test(type);
  const isUtf8 = charset === undefined || charset === 'utf-8' || charset === 'utf8';
  const isPlain = encoding === undefined || encoding.toLowerCase() === 'identity';
  if (!isJson || !isUtf8 || !isPlain) throw fail('content_type_unsupported');
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function parseBody(raw: Buffer): unknown {
  let body: unknown;
  try {
    body = parseJson(decoder.decode(raw));
  } catch {
    throw fail('body_invalid_json');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw fail('body_invalid_json', { message: 'The body must be one JSON object.' });
  }
  refuseUnstorable(body);
  return body;
}
