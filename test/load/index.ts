import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { interruptedCode, interruption } from '../../dev/interruption';
import { readArguments, UsageError } from '../../dev/read-arguments';
import { startStack } from '../../dev/stack/stack';
import { readStackFile } from '../../dev/stack/stack-file';
import { unusedPorts } from '../../dev/stack/stack-ports';
import { findK6 } from './k6-program';

const numbers = ['RATE', 'SECONDS', 'START_P99_MS', 'READ_P99_MS'];

/**
 * `npm run load [-- --own]`: k6 against the running stack, or with --own against one of its own that is gone
 * afterwards. RATE and SECONDS set the load; the exit code is k6's, which is 0 only if every threshold held.
 */
async function main(interrupted: AbortSignal): Promise<number> {
  const { values } = readArguments('load', { options: { own: { type: 'boolean', default: false } } });
  for (const name of numbers) {
    const given = process.env[name] || '1';
    if (!/^[1-9][0-9]{0,5}$/.test(given))
      throw new UsageError(`${name} wants a whole number from 1, not "${given}".`, 'load');
  }
  const stack = values.own ? undefined : readStackFile();
  // Before k6 is looked for, which may have to be built.
  if (stack === undefined && !values.own)
    throw new Error('No stack runs here: start one with npm start, or use npm run load -- --own.');
  const k6 = await findK6((line) => console.log(line), interrupted);
  if (stack !== undefined) {
    return load(k6, { api: stack.api, apiKey: stack.demo.apiKey }, interrupted);
  }
  const stateFolder = mkdtempSync(path.join(tmpdir(), 'durapay-load-'));
  try {
    const stack = await startStack({
      stateFolder,
      ports: await unusedPorts(),
      report: (line) => console.log(line),
      signal: interrupted,
    });
    const target = { api: stack.urls.api, apiKey: stack.demo.apiKey };
    return await load(k6, target, interrupted).finally(() => stack.stop());
  } finally {
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

function load(
  k6: string,
  target: { api: string; apiKey: string },
  interrupted: AbortSignal,
): Promise<number> {
  const child = spawn(k6, ['run', '--no-usage-report', path.join(__dirname, 'payments.js')], {
    stdio: 'inherit',
    env: { ...process.env, API: target.api, API_KEY: target.apiKey, RUN: Date.now().toString(36) },
  });
  interrupted.addEventListener('abort', () => child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const interrupted = interruption();
main(interrupted).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = interrupted.aborted ? interruptedCode : 1;
  },
);
