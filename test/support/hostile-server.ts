import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a server may do to whoever reads its answer. */
export const manners = {
  'a body without end': (say) => {
    say(`${json}transfer-encoding: chunked\r\n\r\n`);
    say.onAndOn(`10000\r\n${' '.repeat(65_536)}\r\n`);
  },
  'a body of 100 MB': (say) => {
    say(`${json}content-length: 104857600\r\n\r\n"`);
    say.onAndOn('x'.repeat(65_536), 1_600);
  },
  'a body drop by drop': (say) => {
    say(`${json}content-length: 1000000\r\n\r\n`);
    say.nowAndThen(' ');
  },
  'a body that is no JSON': (say) => {
    const page = '<html><body>All is well.</body></html>';
    say(`${ok}content-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`);
  },
  'a body nested 400,000 deep': (say) => {
    const body = '['.repeat(400_000) + ']'.repeat(400_000);
    say(`${json}content-length: ${body.length}\r\n\r\n${body}`);
  },
  'a body that is only a word': (say) => say(`${json}content-length: 4\r\n\r\n"ok"`),
  'headers without end': (say) => {
    say(ok);
    say.onAndOn(`x-more: ${'x'.repeat(4_000)}\r\n`);
  },
  'headers drop by drop': (say) => {
    say(ok);
    say.nowAndThen('x: y\r\n');
  },
  'early hints without end': (say) => say.onAndOn('HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n'.repeat(1_000)),
  'trailers without end': (say) => {
    say(`${json}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n`);
    say.onAndOn(`x-more: ${'x'.repeat(4_000)}\r\n`);
  },
  silence: () => undefined,
} satisfies Record<string, (say: Speaker) => void>;

export type Manner = keyof typeof manners;

interface Speaker {
  (text: string): void;
  /** As fast as it is read, `times` over or for ever. */
  onAndOn(text: string, times?: number): void;
  nowAndThen(text: string): void;
}

const ok = 'HTTP/1.1 200 OK\r\n';
const json = `${ok}content-type: application/json\r\n`;
const dropEveryMs = 20;

export interface HostileServer {
  url: string;
  requests(): number;
  /** What the system has taken from it: what was read at the other end, and what waits in between. */
  bytesTaken(): number;
  /** Connections that the other end still keeps. */
  connections(): number;
  close(): Promise<void>;
}

/** Answers every request in one manner, below HTTP: a server of node's would not do half of it. */
export async function startHostileServer(manner: Manner): Promise<HostileServer> {
  let requests = 0;
  let bytesTaken = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const speaker = speakerTo(socket, (bytes) => (bytesTaken += bytes));
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      // Its first line; the rest of a request may come in pieces of its own.
      if (!/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(chunk.toString('latin1'))) return;
      requests += 1;
      manners[manner](speaker);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    bytesTaken: () => bytesTaken,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function speakerTo(socket: Socket, taken: (bytes: number) => void): Speaker {
  const write = (data: Buffer, then: () => void) =>
    socket.write(data, (error) => {
      if (error != null) return;
      taken(data.length);
      then();
    });

  const say = (text: string) => void write(Buffer.from(text), () => undefined);
  say.onAndOn = (text: string, times = Number.POSITIVE_INFINITY) => {
    const data = Buffer.from(text);
    let left = times;
    const more = () => {
      if (left <= 0 || socket.destroyed) return;
      left -= 1;
      write(data, more);
    };
    more();
  };
  say.nowAndThen = (text: string) => {
    const timer = setInterval(() => socket.destroyed || socket.write(text), dropEveryMs);
    socket.on('close', () => clearInterval(timer));
  };
  return say;
}
