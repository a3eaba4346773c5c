import { runSandbox, text, whole } from '../../../../../sandboxes/parts/run-sandbox';
import { startNewchannelSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/newchannel/server.ts`: docs/channels/newchannel.md lists the variables. */
runSandbox('NewChannel sandbox', 'NEWCHANNEL_SANDBOX', async (place) =>
  startNewchannelSandbox({
    ...place,
    publicUrl: text('NEWCHANNEL_SANDBOX_PUBLIC_URL'),
    stateFile: text('NEWCHANNEL_SANDBOX_STATE'),
    seed: text('NEWCHANNEL_SANDBOX_SEED') ?? '1',
    autopay: text('NEWCHANNEL_SANDBOX_AUTOPAY') === 'true',
    refundMs: whole('NEWCHANNEL_SANDBOX_REFUND_MS', 1_000),
    webhookRetryFirstMs: whole('NEWCHANNEL_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  }),
);
