import { startTpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/tpay/server.ts`: docs/channels/tpay.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const sandbox = await startTpaySandbox({
    host: env['TPAY_SANDBOX_HOST'] || '127.0.0.1',
    port: whole('TPAY_SANDBOX_PORT', 0),
    publicUrl: env['TPAY_SANDBOX_PUBLIC_URL'] || undefined,
    stateFile: env['TPAY_SANDBOX_STATE'] || undefined,
    seed: env['TPAY_SANDBOX_SEED'] || '1',
    autopay: env['TPAY_SANDBOX_AUTOPAY'] === 'true',
    refundMs: whole('TPAY_SANDBOX_REFUND_MS', 1_000),
    webhookRetryFirstMs: whole('TPAY_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  });
  console.log(`TPay sandbox listens on ${sandbox.url}`);

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
  console.error(`TPay sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
