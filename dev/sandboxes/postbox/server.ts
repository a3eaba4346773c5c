import { startPostbox } from './sandbox';

/** `npx tsx dev/sandboxes/postbox/server.ts`: docs/messaging.md lists the variables. */
async function main(): Promise<void> {
  const env = process.env;
  const postbox = await startPostbox({
    host: env['POSTBOX_HOST'] || '127.0.0.1',
    port: whole('POSTBOX_PORT', 0),
    stateFile: env['POSTBOX_STATE'] || undefined,
    seed: env['POSTBOX_SEED'] || '1',
    deliverMs: whole('POSTBOX_DELIVER_MS', 500),
  });
  for (const account of ['primary', 'backup']) {
    const url = env[`POSTBOX_WEBHOOK_${account.toUpperCase()}`];
    if (url) postbox.setWebhook(account, url);
  }
  console.log(`Postbox listens on ${postbox.url}`);

  const stop = () => {
    postbox.close().catch((error: unknown) => {
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
  console.error(`Postbox: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
