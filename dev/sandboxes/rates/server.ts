import { runSandbox } from '../parts/run-sandbox';
import { startRatesSandbox } from './sandbox';

/** `npx tsx dev/sandboxes/rates/server.ts`: RATES_SANDBOX_HOST and RATES_SANDBOX_PORT say where. */
runSandbox('Rates sandbox', 'RATES_SANDBOX', startRatesSandbox);
