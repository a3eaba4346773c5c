import { startEcpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/ecpay/server.ts`: docs/channels/ecpay.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const sandbox = await startEcpaySandbox({
    host: env['ECPAY_SANDBOX_HOST'] || '127.0.0.1',
    port: whole('ECPAY_SANDBOX_PORT', 0),
    stateFile: env['ECPAY_SANDBOX_STATE'] || undefined,
    seed: env['ECPAY_SANDBOX_SEED'] || '1',
    autopay: env['ECPAY_SANDBOX_AUTOPAY'] === 'true',
    closesDaily: env['ECPAY_SANDBOX_DAILY_CLOSING'] !== 'off',
    webhookRetryFirstMs: whole('ECPAY_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  });
  console.log(`ECPay sandbox listens on ${sandbox.url}`);

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
  console.error(`ECPay sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
