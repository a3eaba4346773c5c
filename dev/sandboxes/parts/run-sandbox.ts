interface Sandbox {
  url: string;
  close(): Promise<void>;
}

/** A sandbox as a process of its own: it says where it listens, and ends when it is told to. */
export function runSandbox(title: string, start: () => Promise<Sandbox>): void {
  run(title, start).catch((error: unknown) => {
    console.error(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

async function run(title: string, start: () => Promise<Sandbox>): Promise<void> {
  const sandbox = await start();
  console.log(`${title} listens on ${sandbox.url}`);
  const stop = () => {
    sandbox.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** A variable that is set to something. */
export function text(name: string): string | undefined {
  return process.env[name] || undefined;
}

export function whole(name: string, otherwise: number): number {
  const given = text(name);
  if (given === undefined) return otherwise;
  if (!/^[0-9]{1,9}$/.test(given)) throw new Error(`${name} wants a whole number, not "${given}"`);
  return Number(given);
}
