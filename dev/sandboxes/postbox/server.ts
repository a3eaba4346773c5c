import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startPostbox } from './sandbox';

/** `npx tsx dev/sandboxes/postbox/server.ts`: docs/messaging.md lists the variables. */
runSandbox('Postbox', async () => {
  const postbox = await startPostbox({
    host: text('POSTBOX_HOST') ?? '127.0.0.1',
    port: whole('POSTBOX_PORT', 0),
    stateFile: text('POSTBOX_STATE'),
    seed: text('POSTBOX_SEED') ?? '1',
    deliverMs: whole('POSTBOX_DELIVER_MS', 500),
  });
  for (const account of ['primary', 'backup']) {
    const url = text(`POSTBOX_WEBHOOK_${account.toUpperCase()}`);
    if (url) postbox.setWebhook(account, url);
  }
  return postbox;
});
