import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { RawAnswer } from '../route';

/** The longest that one answer may take: a reader that stands still does not stay for ever. */
const streamMsMax = 15 * 60_000;

/**
 * Sends text piece by piece, no faster than it is read. The first piece is made before the head is sent, so that what
 * fails at once is an error like any other; what fails later breaks the connection, and is seen to be incomplete.
 */
export async function sendStream(
  response: Response,
  answer: RawAnswer & { chunks: AsyncIterable<string>; type: string },
): Promise<void> {
  const chunks = answer.chunks[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (response.destroyed) return void (await chunks.return?.());
  response.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.setHeader('Content-Type', `${answer.type}; charset=utf-8`);
  try {
    await pipeline(Readable.from(withFirst(first, chunks)), response, {
      signal: AbortSignal.timeout(streamMsMax),
    });
  } catch (error) {
    if (!isReadersDoing(error)) throw error;
  }
}

async function* withFirst(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
): AsyncGenerator<string> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** It went away, or stood still too long. */
function isReadersDoing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}
