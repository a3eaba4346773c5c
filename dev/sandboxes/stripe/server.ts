import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startStripeSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/stripe/server.ts`: docs/channels/stripe.md lists the variables. */
runSandbox('Stripe sandbox', async () =>
  startStripeSandbox({
    host: text('STRIPE_SANDBOX_HOST') ?? '127.0.0.1',
    port: whole('STRIPE_SANDBOX_PORT', 0),
    stateFile: text('STRIPE_SANDBOX_STATE'),
    seed: text('STRIPE_SANDBOX_SEED') ?? '1',
    webhookUrl: text('STRIPE_SANDBOX_WEBHOOK_URL'),
  }),
);
