import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startEcpaySandbox } from './sandbox';

/** `npx tsx dev/sandboxes/ecpay/server.ts`: docs/channels/ecpay.md lists the variables. */
runSandbox('ECPay sandbox', 'ECPAY_SANDBOX', async (place) =>
  startEcpaySandbox({
    ...place,
    stateFile: text('ECPAY_SANDBOX_STATE'),
    seed: text('ECPAY_SANDBOX_SEED') ?? '1',
    autopay: text('ECPAY_SANDBOX_AUTOPAY') === 'true',
    closesDaily: text('ECPAY_SANDBOX_DAILY_CLOSING') !== 'off',
    webhookRetryFirstMs: whole('ECPAY_SANDBOX_WEBHOOK_RETRY_MS', 15_000),
  }),
);
