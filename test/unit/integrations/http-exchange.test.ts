import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createDeadline } from '../../../integrations/deadline';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../../integrations/http-exchange';

describe('one exchange', () => {
  let client: HttpClient;
  const closers: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    client = createHttpClient({ connectionsPerOriginMax: 4, connectTimeoutMs: 500, answerBytesMax: 10_000 });
  });
  afterEach(async () => {
    await client.close();
    for (const close of closers.splice(0)) await close();
  });

  async function serve(handler: http.RequestListener): Promise<string> {
    const server = http.createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const exchange = (origin: string, timeoutMs = 2_000) => {
    const request: HttpRequest = {
      method: 'POST',
      origin,
      path: '/x?y=1',
      headers: { 'x-a': 'b' },
      body: '{}',
    };
    return client.exchange(request, createDeadline(timeoutMs));
  };

  it('sends what it was given and brings the answer back', async () => {
    const seen: unknown[] = [];
    const origin = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => {
        seen.push(request.method, request.url, request.headers['x-a'], chunk.toString());
      });
      request.on('end', () => response.writeHead(418).end('tea'));
    });
    expect(await exchange(origin)).toEqual({ kind: 'answered', status: 418, body: 'tea' });
    expect(seen).toEqual(['POST', '/x?y=1', 'b', '{}']);
  });

  it('keeps its connections', async () => {
    const ports = new Set<number | undefined>();
    const origin = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on('end', () => response.end('ok'));
    });
    for (let turn = 0; turn < 20; turn += 1) await exchange(origin);
    // A second one is made when the first has not yet noticed that it is free.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('does not follow a redirect, which could carry the signature elsewhere', async () => {
    const elsewhere = jest.fn();
    const other = await serve((_request, response) => {
      elsewhere();
      response.end();
    });
    const origin = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(307, { location: other }).end());
    });
    expect(await exchange(origin)).toMatchObject({ kind: 'answered', status: 307 });
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it('knows that nothing was sent where nobody listens', async () => {
    expect(await exchange('http://127.0.0.1:1')).toMatchObject({ kind: 'not_sent', reason: 'refused' });
  });

  it('knows that nothing was sent to a name that does not resolve', async () => {
    expect(await exchange('http://no-such-host.invalid')).toMatchObject({
      kind: 'not_sent',
      reason: 'refused',
    });
  });

  it.each<[string, http.RequestListener]>([
    ['before an answer', (request) => void request.on('data', () => request.socket.destroy())],
    [
      'in the middle of an answer',
      (request, response) =>
        void request.resume().on('end', () => {
          response.writeHead(200, { 'content-length': '100' }).write('half');
          setTimeout(() => request.socket.destroy(), 20);
        }),
    ],
  ])('is in doubt when the connection is lost %s', async (_name, handler) => {
    expect(await exchange(await serve(handler))).toMatchObject({ kind: 'in_doubt', reason: 'lost' });
  });

  it('is in doubt when what comes back is not HTTP', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.end('EHLO\r\n\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    expect(await exchange(`http://127.0.0.1:${port}`)).toMatchObject({ kind: 'in_doubt', reason: 'lost' });
  });

  it.each<[string, http.RequestListener]>([
    ['silence', (request) => void request.resume()],
    [
      'a trickle',
      (request, response) => {
        request.resume();
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('the deadline ends %s', async (_name, handler) => {
    const origin = await serve(handler);
    const begun = Date.now();
    expect(await exchange(origin, 150)).toMatchObject({
      kind: 'in_doubt',
      reason: 'timeout',
    });
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('that ran out of time before it had a connection was not sent, and never will be', async () => {
    const seen: string[] = [];
    let free: () => void = () => undefined;
    const origin = await serve((request, response) => {
      seen.push(String(request.headers['x-a']));
      request.resume();
      free = () => response.end('ok');
    });
    const narrow = createHttpClient({
      connectionsPerOriginMax: 1,
      connectTimeoutMs: 500,
      answerBytesMax: 100,
    });
    closers.push(() => narrow.close());
    const named = (name: string, timeoutMs: number) =>
      narrow.exchange(
        { method: 'POST', origin, path: '/', headers: { 'x-a': name }, body: '{}' },
        createDeadline(timeoutMs),
      );

    const first = named('first', 2_000);
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await named('second', 50)).toEqual({
      kind: 'not_sent',
      reason: 'refused',
      message: 'no connection in time',
    });
    free();
    expect(await first).toMatchObject({ kind: 'answered' });
    const third = named('third', 2_000);
    while (!seen.includes('third')) await new Promise((resolve) => setTimeout(resolve, 5));
    free();
    expect(await third).toMatchObject({ kind: 'answered' });
    expect(seen).toEqual(['first', 'third']);
  });

  it('a client that is closed sends nothing more', async () => {
    const origin = await serve((_request, response) => response.end());
    await client.close();
    expect(await exchange(origin)).toMatchObject({ kind: 'not_sent', reason: 'refused' });
  });

  it.each([true, false])('stops reading past the limit (length declared: %s)', async (declared) => {
    let written = 0;
    const origin = await serve((request, response) => {
      request.resume();
      response.on('error', () => undefined);
      if (declared) response.writeHead(200, { 'content-length': String(100_000_000) });
      const more = () => {
        while (!response.destroyed && written < 100_000_000) {
          written += 10_000;
          if (!response.write(Buffer.alloc(10_000, 'x'))) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(await exchange(origin)).toMatchObject({ kind: 'in_doubt', reason: 'too_large' });
    // The rest stays in the sender's socket buffers at the most.
    expect(written).toBeLessThan(20_000_000);
  });

  it('reads as much as the request allows, where that is more than usual', async () => {
    const origin = await serve((request, response) => {
      request.resume().on('end', () => response.end('x'.repeat(20_000)));
    });
    const get = (answerBytesMax?: number) => {
      const request = { method: 'GET', origin, path: '/', headers: {}, answerBytesMax } as const;
      return client.exchange(request, createDeadline(2_000));
    };
    expect(await get()).toMatchObject({ kind: 'in_doubt', reason: 'too_large' });
    expect(await get(20_000)).toMatchObject({ kind: 'answered', body: 'x'.repeat(20_000) });
    expect(await get(19_999)).toMatchObject({ kind: 'in_doubt', reason: 'too_large' });
  });

  it('waits through a few early hints for the answer, and not through many', async () => {
    const origin = await serve((request, response) => {
      request.resume().on('end', () => {
        const hints = request.headers['x-a'] === 'b' ? 1_000 : 5;
        for (let told = 0; told < hints; told += 1) response.writeEarlyHints({ link: '</a>; rel=preload' });
        response.end('tea');
      });
    });
    const few = { method: 'GET', origin, path: '/', headers: {} } as const;
    expect(await client.exchange(few, createDeadline(2_000))).toMatchObject({ status: 200, body: 'tea' });
    expect(await exchange(origin)).toMatchObject({ kind: 'in_doubt', reason: 'too_large' });
  });
});
