import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildWorkflowBundle } from './bundle';

/** The last step of `npm run build`: the image carries the bundle, and no process bundles at start. */
async function main(): Promise<void> {
  const file = path.join(__dirname, 'workflows.js');
  await writeFile(file, await buildWorkflowBundle());
  console.log(`Workflow bundle: ${file}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
