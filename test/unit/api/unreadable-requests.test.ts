import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerUnreadable } from '../../../api/unreadable-requests';

let server: Server;
beforeAll(async () => {
  server = createServer({ headersTimeout: 200, connectionsCheckingInterval: 50 }, (_request, response) =>
    response.end('heard'),
  );
  server.on('clientError', answerUnreadable({ publicUrl: 'https://api.test' }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** All that comes back on a connection of its own, which the server ends. */
async function sent(request: string): Promise<{ head: string; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(request);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { head, body };
}

const long = 'x'.repeat(20_000);

it.each([
  ['what is no HTTP', 'tea, please\r\n\r\n', '400 Bad Request', 'request_malformed'],
  [
    'a header without a name',
    'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n',
    '400 Bad Request',
    'request_malformed',
  ],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    ...['400 Bad Request', 'request_malformed'],
  ],
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${long}\r\n\r\n`,
    ...['431 Request Header Fields Too Large', 'headers_too_large'],
  ],
  [
    'an address that is too long',
    `GET /?${long} HTTP/1.1\r\nHost: a\r\n\r\n`,
    ...['431 Request Header Fields Too Large', 'headers_too_large'],
  ],
  [
    'far more than is read',
    `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${long.repeat(100)}\r\n\r\n`,
    ...['431 Request Header Fields Too Large', 'headers_too_large'],
  ],
  ['headers that do not end', 'GET / HTTP/1.1\r\nHost: a\r\n', '408 Request Timeout', 'request_timeout'],
])('%s is answered as every error is', async (_name, request, status, code) => {
  const { head, body } = await sent(request);
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  expect(head).toContain('Content-Type: application/json; charset=utf-8');
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  const { error } = JSON.parse(body) as { error: { requestId: string } };
  expect(error).toMatchObject({
    ...{ type: 'invalid_request_error', code, docUrl: `https://api.test/docs/errors#${code}` },
    message: expect.stringMatching(/\. (Send|Let)/) as string,
  });
  expect(head).toContain(`Request-Id: ${error.requestId}`);
});

it('what can be read is heard, before and after', async () => {
  const { port } = server.address() as AddressInfo;
  await sent('tea\r\n\r\n');
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('heard');
});

it('a connection whose answer has begun gets no second one', async () => {
  const { head, body } = await sent('GET / HTTP/1.1\r\nHost: a\r\n\r\ntea\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(body.match(/HTTP\/1\.1/g) ?? []).toHaveLength(0);
});
