import { startStripeSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/stripe/server.ts`: docs/channels/stripe.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const port = env['STRIPE_SANDBOX_PORT'] || '0';
  if (!/^[0-9]{1,5}$/.test(port)) throw new Error(`STRIPE_SANDBOX_PORT wants a port, not "${port}"`);
  const sandbox = await startStripeSandbox({
    host: env['STRIPE_SANDBOX_HOST'] || '127.0.0.1',
    port: Number(port),
    webhookUrl: env['STRIPE_SANDBOX_WEBHOOK_URL'] || undefined,
    stateFile: env['STRIPE_SANDBOX_STATE'] || undefined,
    seed: env['STRIPE_SANDBOX_SEED'] || '1',
  });
  console.log(`Stripe sandbox listens on ${sandbox.url}`);

  const stop = () => {
    sandbox.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(`Stripe sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
