import { spawn } from 'node:child_process';
import path from 'node:path';
import { unusedPorts } from '../../dev/stack/stack-ports';
import { startStack } from '../../dev/stack/stack';
import { readStackFile } from '../../dev/stack/stack-file';
import { findK6 } from './k6-program';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

/**
 * `npm run load [-- --own]`: k6 against the running stack, or with --own against one of its own that is gone
 * afterwards. RATE and SECONDS set the load; the exit code is k6's, which is 0 only if every threshold held.
 */
async function main(): Promise<void> {
  const k6 = await findK6((line) => console.log(line));
  if (!process.argv.includes('--own')) {
    const stack = readStackFile();
    if (stack === undefined)
      throw new Error('No stack runs here: start one with npm start, or use npm run load -- --own.');
    process.exitCode = await load(k6, { api: stack.api, apiKey: stack.demo.apiKey });
    return;
  }
  const stateFolder = mkdtempSync(path.join(tmpdir(), 'durapay-load-'));
  const stack = await startStack({
    stateFolder,
    ports: await unusedPorts(),
    report: (line) => console.log(line),
  });
  try {
    process.exitCode = await load(k6, { api: stack.urls.api, apiKey: stack.demo.apiKey });
  } finally {
    await stack.stop();
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

function load(k6: string, target: { api: string; apiKey: string }): Promise<number> {
  const child = spawn(k6, ['run', '--no-usage-report', path.join(__dirname, 'payments.js')], {
    stdio: 'inherit',
    env: { ...process.env, API: target.api, API_KEY: target.apiKey, RUN: Date.now().toString(36) },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
