import { floorSettings } from './contracts';
import { createFloorWorker, runUntilStopped } from './worker';

async function main(): Promise<void> {
  const worker = await createFloorWorker(floorSettings(), () => undefined);
  await runUntilStopped(worker, {});
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
