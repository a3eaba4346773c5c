import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startPostbox } from './sandbox';

/** `npx tsx dev/sandboxes/postbox/server.ts`: docs/messaging.md lists the variables. */
runSandbox('Postbox', 'POSTBOX', async (place) => {
  const postbox = await startPostbox({
    ...place,
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
