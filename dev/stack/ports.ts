import { createServer } from 'node:net';

/**
 * Where ports for a stack of its own are looked for: under those that systems hand out to whoever asks for any (from 32768
 * or 49152 up). One of those would be given to the next connection before its process had begun to listen.
 */
const lowest = 20_000;
const span = 12_000;
/** Processes with neighbouring numbers look far from each other. */
let tried = (process.pid * 487) % span;

/** Ports that were free a moment ago; this process is told none of them twice. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let looked = 0; ports.length < count; looked += 1) {
    if (looked === span)
      throw new Error(`No ${count} ports are free from ${lowest} to ${lowest + span - 1}.`);
    const port = lowest + tried;
    tried = (tried + 1) % span;
    if (await isPortFree(port)) ports.push(port);
  }
  return ports;
}

export async function isPortFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

function listen(port: number) {
  return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
