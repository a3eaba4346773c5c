import { startKpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/kpay/server.ts`: docs/channels/kpay.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const sandbox = await startKpaySandbox({
    host: env['KPAY_SANDBOX_HOST'] || '127.0.0.1',
    port: whole('KPAY_SANDBOX_PORT', 0),
    publicUrl: env['KPAY_SANDBOX_PUBLIC_URL'] || undefined,
    stateFile: env['KPAY_SANDBOX_STATE'] || undefined,
    seed: env['KPAY_SANDBOX_SEED'] || '1',
    autopay: env['KPAY_SANDBOX_AUTOPAY'] === 'true',
    webhookRetryFirstMs: whole('KPAY_SANDBOX_WEBHOOK_RETRY_MS', 10_000),
  });
  console.log(`KPay sandbox listens on ${sandbox.url}`);

  const stop = () => {
    sandbox.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function whole(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`${name} wants a whole number, not "${text}"`);
  return Number(text);
}

main().catch((error: unknown) => {
  console.error(`KPay sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
