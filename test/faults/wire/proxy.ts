import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One connection that passes through. */
export interface Wire {
  /** The port at the client's end: whose it is tells who is calling. */
  readonly clientPort: number;
  cut(): void;
}

export type Direction = 'out' | 'back';

/** `pass` lets the chunk through; `stop` keeps it back, and nothing passes on this connection any more. */
export type Verdict = 'pass' | 'stop';

export interface WireProxy {
  readonly port: number;
  cutAll(): void;
  close(): Promise<void>;
}

/**
 * Stands between two parties and sees every chunk before it arrives, so that a fault can strike between one
 * message and the next. What is stopped stays stopped: the connection ends with its process, or is cut.
 */
export async function startWireProxy(
  target: { port: number },
  look: (wire: Wire, direction: Direction, chunk: Buffer) => Verdict,
): Promise<WireProxy> {
  const wires = new Set<Wire>();

  const server = createServer((near) => {
    const far = connect({ port: target.port, host: '127.0.0.1' });
    let isStopped = false;
    const wire: Wire = {
      clientPort: near.remotePort ?? 0,
      cut() {
        wires.delete(wire);
        near.resetAndDestroy();
        far.destroy();
      },
    };
    wires.add(wire);
    relay(near, far, 'out');
    relay(far, near, 'back');

    function relay(from: Socket, to: Socket, direction: Direction): void {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        if (isStopped) return;
        if (look(wire, direction, chunk) === 'stop') {
          isStopped = true;
          return;
        }
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        wires.delete(wire);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  const cutAll = () => [...wires].forEach((wire) => wire.cut());
  return {
    port: (server.address() as AddressInfo).port,
    cutAll,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cutAll();
      await closed;
    },
  };
}
