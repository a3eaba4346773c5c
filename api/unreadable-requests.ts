import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { fail, presentError, type ApiError } from './errors';
import { requestIdFrom } from './middleware/request-id';

/** So long a caller that still sends may read its answer: a connection that is broken at once takes it along. */
const lingersMs = 1_000;

/** What is no HTTP never becomes a request: it is answered on its connection, in the words of every other error. */
export function answerUnreadable(where: { publicUrl: string }) {
  const answered = new WeakSet<Socket>();
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (answered.has(socket)) return;
    if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    const requestId = requestIdFrom(undefined);
    const { status, headers, body } = presentError(errorOf(error), { ...where, requestId });
    const text = JSON.stringify(body);
    const lines = Object.entries({
      ...headers,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
      'Request-Id': requestId,
      Connection: 'close',
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
    setTimeout(() => socket.destroy(), lingersMs).unref();
  };
}

function errorOf({ code }: NodeJS.ErrnoException): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return fail('headers_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return fail('request_timeout', { message: 'The request did not arrive in time.' });
    default:
      return fail('request_malformed');
  }
}

/** The rest of an answer to an earlier part of the request is no place for another one. */
function hasAnswerBegun(socket: Socket & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}
