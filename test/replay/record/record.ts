import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadSettings } from '../../../config/settings';
import { createStage } from '../../../dev/demo/stage';
import { interruption } from '../../../dev/interruption';
import { startStack, type Stack } from '../../../dev/stack/stack';
import { unusedPorts } from '../../../dev/stack/stack-ports';
import { createPayloadCodec } from '../../../security/payload-codec';
import { failureConverterPath } from '../../../workers/temporal';
import { writeHistory } from '../history-files';
import type { RecordingCase } from './case';
import { cases } from './cases';
import { recordedHistory } from './recorded-history';

const closesWithinMs = 60_000;

/** What takes minutes and days in earnest takes seconds here; which way a workflow goes does not depend on it. */
const environment = {
  NODE_ENV: 'test',
  PAYMENT_FIRST_POLL_MS: '4000',
  CHANNEL_TIMEOUT_MS: '5000',
  WEBHOOK_SWEEP_AFTER_MS: '60000',
  SWEEP_INTERVAL_MS: '2000',
  OPEN_PAYMENT_OVERDUE_MS: '2000',
  MESSAGE_FIRST_LOOK_MS: '1000',
  MESSAGE_DEAD_LETTER_RETRY_MS: '5000',
  CALLBACK_RETRY_FIRST_MS: '500',
  CALLBACK_RETRY_FOR_MS: '4000',
};

/** Plays the named cases on a stack of its own and adds their histories to the recorded ones. */
export async function record(names: readonly string[], recorded: readonly string[]): Promise<void> {
  const wanted = chosen(names, recorded);
  if (wanted.length === 0) return console.log('Every case has been recorded.');
  const interrupted = interruption();
  const stateFolder = mkdtempSync(path.join(tmpdir(), 'durapay-record-'));
  chmodSync(stateFolder, 0o755); // PostgreSQL may have to run under another account
  try {
    const ports = await unusedPorts();
    const stack = await startStack({
      stateFolder,
      ports,
      environment,
      isThrowaway: true,
      report: console.log,
      signal: interrupted,
    });
    try {
      for (const one of wanted) await recordOne(one, stack, interrupted);
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

function chosen(names: readonly string[], recorded: readonly string[]): RecordingCase[] {
  if (names.length === 1 && names[0] === 'missing')
    return cases.filter(({ name }) => !recorded.includes(name));
  return names.map((wanted) => {
    const found = cases.find(({ name }) => name === wanted);
    if (found === undefined)
      throw new Error(`There is no case "${wanted}": npm run replay -- --list names them.`);
    if (recorded.includes(wanted)) {
      throw new Error(
        `${wanted} has been recorded. A recorded history stays as it is: if today's code can't replay it, guard the ` +
          'change with patched(); to record how it goes today, add a case of another name.',
      );
    }
    return found;
  });
}

async function recordOne(
  { name, play }: RecordingCase,
  stack: Stack,
  interrupted: AbortSignal,
): Promise<void> {
  console.log(`\n${name}`);
  const settings = loadSettings(stack.env);
  const codec = createPayloadCodec(settings.ENCRYPTION_KEYS);
  const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS });
  const client = new Client({
    connection,
    namespace: settings.TEMPORAL_NAMESPACE,
    dataConverter: { payloadCodecs: [codec], failureConverterPath },
  });
  const where = { ...stack.urls, demo: stack.demo, pid: process.pid };
  const stage = createStage(where, console.log, interrupted);
  const faultsOf = (provider: 'kpay' | 'stripe' | 'ecpay') =>
    `${stack.urls.sandboxes[provider]}/sandbox/faults`;
  try {
    const { workflowId, runId } = await play({
      ...stage,
      client,
      async fault(spec, at = 'kpay') {
        const answer = await fetch(faultsOf(at), { method: 'POST', body: JSON.stringify(spec) });
        if (!answer.ok) throw new Error(`The sandbox took no fault: ${await answer.text()}`);
      },
    });
    const handle = client.workflow.getHandle(workflowId, runId);
    await closed(async () => (await handle.describe()).status.name !== 'RUNNING', workflowId);
    await writeHistory(name, await recordedHistory(await handle.fetchHistory(), codec));
  } finally {
    await stage.close();
    for (const provider of ['kpay', 'stripe', 'ecpay'] as const)
      await fetch(faultsOf(provider), { method: 'DELETE' });
    await connection.close();
  }
}

async function closed(isClosed: () => Promise<boolean>, workflowId: string): Promise<void> {
  const deadline = Date.now() + closesWithinMs;
  while (!(await isClosed())) {
    if (Date.now() > deadline) throw new Error(`${workflowId} did not end.`);
    await sleep(100);
  }
}
