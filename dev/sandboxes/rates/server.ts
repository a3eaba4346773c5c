import { startRatesSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/rates/server.ts`: RATES_SANDBOX_HOST and RATES_SANDBOX_PORT say where. */
async function main(): Promise<void> {
  const port = process.env['RATES_SANDBOX_PORT'] || '0';
  if (!/^[0-9]{1,5}$/.test(port)) throw new Error(`RATES_SANDBOX_PORT wants a port, not "${port}"`);
  const sandbox = await startRatesSandbox({
    host: process.env['RATES_SANDBOX_HOST'] || '127.0.0.1',
    port: Number(port),
  });
  console.log(`Rates sandbox listens on ${sandbox.url}`);
  const stop = () => void sandbox.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(`Rates sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
