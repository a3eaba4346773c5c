import { runSandbox, text } from '../parts/run-sandbox';
import { startStripeSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/stripe/server.ts`: docs/channels/stripe.md lists the variables. */
runSandbox('Stripe sandbox', 'STRIPE_SANDBOX', async (place) =>
  startStripeSandbox({
    ...place,
    stateFile: text('STRIPE_SANDBOX_STATE'),
    seed: text('STRIPE_SANDBOX_SEED') ?? '1',
    webhookUrl: text('STRIPE_SANDBOX_WEBHOOK_URL'),
  }),
);
