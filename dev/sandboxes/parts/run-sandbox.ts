interface Sandbox {
  url: string;
  close(): Promise<void>;
}

interface Place {
  host: string;
  /** 0 takes any free one. */
  port: number;
}

/**
 * A sandbox as a process of its own: `<PREFIX>_HOST` and `<PREFIX>_PORT` say where it is to listen; it says where it does,
 * and ends when it is told to.
 */
export function runSandbox(title: string, prefix: string, start: (place: Place) => Promise<Sandbox>): void {
  run(title, prefix, start).catch((error: unknown) => {
    console.error(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

async function run(title: string, prefix: string, start: (place: Place) => Promise<Sandbox>): Promise<void> {
  const variable = `${prefix}_PORT`;
  const place = { host: text(`${prefix}_HOST`) ?? '127.0.0.1', port: whole(variable, 0, 65_535) };
  const sandbox = await start(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${place.port} is in use: end what holds it, or start with ${variable}=<another port>.`,
    );
  });
  console.log(`${title} listens on ${sandbox.url}`);
  let isStopping = false;
  const stop = () => {
    // One Ctrl-C arrives twice under npm, which passes it on.
    if (isStopping) return;
    isStopping = true;
    sandbox.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** A variable that is set to something. */
export function text(name: string): string | undefined {
  return process.env[name] || undefined;
}

export function whole(name: string, otherwise: number, max = 999_999_999): number {
  const given = text(name);
  if (given === undefined) return otherwise;
  if (!/^[0-9]{1,9}$/.test(given) || Number(given) > max) {
    throw new Error(`${name} wants a whole number up to ${max}, not "${given}"`);
  }
  return Number(given);
}
