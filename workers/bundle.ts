import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { sourcesDigest } from './sources';
import { failureConverterPath } from './temporal';

const root = path.join(__dirname, '..');
/** What can be in the bundle, or decides what is. */
const sources = [
  'workflows',
  'domain',
  'activities',
  'workers/bundle.ts',
  'workers/failure-converter.ts',
  'package.json',
];

/** One bundle, built once: every worker of every process is given the same code. */
export async function buildWorkflowBundle(): Promise<string> {
  const workflowsPath = path.join(root, 'workflows', `index${path.extname(__filename)}`);
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Loaded once a worker instead of once a workflow. So no module of these may keep a workflow's state: lint refuses
    // module variables there.
    preloadModules: [workflowsPath, failureConverterPath],
    failureConverterPath,
  });
  return code;
}

/** The bundle named by the settings, or else one built and kept for as long as the sources do not change. */
export async function workflowBundle(configured: string | undefined): Promise<string> {
  return configured ?? cachedWorkflowBundle(path.join(root, 'node_modules', '.cache', 'durapay'));
}

/** The bundle's file in `folder`, built only if no source has changed since. Safe to call from several processes. */
async function cachedWorkflowBundle(folder: string): Promise<string> {
  const file = path.join(folder, `workflows-${await sourcesDigest(root, sources)}.js`);
  const exists = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const draft = `${file}.${process.pid}`;
    await mkdir(folder, { recursive: true });
    await writeFile(draft, await buildWorkflowBundle());
    await rename(draft, file);
  }
  return file;
}
