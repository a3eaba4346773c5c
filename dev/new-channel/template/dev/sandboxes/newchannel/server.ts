import { startNewchannelSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/newchannel/server.ts`: docs/channels/newchannel.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const sandbox = await startNewchannelSandbox({
    host: env['NEWCHANNEL_SANDBOX_HOST'] || '127.0.0.1',
    port: whole('NEWCHANNEL_SANDBOX_PORT', 0),
    publicUrl: env['NEWCHANNEL_SANDBOX_PUBLIC_URL'] || undefined,
    stateFile: env['NEWCHANNEL_SANDBOX_STATE'] || undefined,
    seed: env['NEWCHANNEL_SANDBOX_SEED'] || '1',
    autopay: env['NEWCHANNEL_SANDBOX_AUTOPAY'] === 'true',
    refundMs: whole('NEWCHANNEL_SANDBOX_REFUND_MS', 1_000),
    webhookRetryFirstMs: whole('NEWCHANNEL_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  });
  console.log(`NewChannel sandbox listens on ${sandbox.url}`);

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
  console.error(`NewChannel sandbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
