import { runSandbox, text, whole } from '../parts/run-sandbox';
import { startRatesSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/rates/server.ts`: RATES_SANDBOX_HOST and RATES_SANDBOX_PORT say where. */
runSandbox('Rates sandbox', async () =>
  startRatesSandbox({
    host: text('RATES_SANDBOX_HOST') ?? '127.0.0.1',
    port: whole('RATES_SANDBOX_PORT', 0),
  }),
);
