import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startTpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/tpay/server.ts`: docs/channels/tpay.md lists the variables. */
runSandbox('TPay sandbox', 'TPAY_SANDBOX', async (place) =>
  startTpaySandbox({
    ...place,
    publicUrl: text('TPAY_SANDBOX_PUBLIC_URL'),
    stateFile: text('TPAY_SANDBOX_STATE'),
    seed: text('TPAY_SANDBOX_SEED') ?? '1',
    autopay: text('TPAY_SANDBOX_AUTOPAY') === 'true',
    refundMs: whole('TPAY_SANDBOX_REFUND_MS', 1_000),
    webhookRetryFirstMs: whole('TPAY_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  }),
);
