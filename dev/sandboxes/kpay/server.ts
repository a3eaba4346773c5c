import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startKpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/kpay/server.ts`: docs/channels/kpay.md lists the variables. */
runSandbox('KPay sandbox', 'KPAY_SANDBOX', async (place) =>
  startKpaySandbox({
    ...place,
    publicUrl: text('KPAY_SANDBOX_PUBLIC_URL'),
    stateFile: text('KPAY_SANDBOX_STATE'),
    seed: text('KPAY_SANDBOX_SEED') ?? '1',
    autopay: text('KPAY_SANDBOX_AUTOPAY') === 'true',
    webhookRetryFirstMs: whole('KPAY_SANDBOX_WEBHOOK_RETRY_MS', 10_000),
  }),
);
