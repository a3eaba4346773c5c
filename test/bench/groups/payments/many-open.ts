import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client } from 'pg';
import { loadSettings } from '../../../../config/settings';
import { startStack, type Stack } from '../../../../dev/stack/stack';
import { unusedPorts } from '../../../../dev/stack/stack-ports';
import type { LoadClient } from '../../load/load-client';
import type { BenchContext, Measurement } from '../../metric';
import { interleave, medianOf, medianRatio } from '../../pairing';
import type { PaymentArm } from './arm';
import { productArm, productEnvironment } from './product-arm';
import { paymentsPerSecond } from './rounds';
import type { Size } from './size';

interface Course {
  context: BenchContext;
  load: LoadClient;
  size: Size;
}

/** The same in both arms, and a tenth of what is open in one of them. */
const cachedWorkflowsMax = 2_000;
const environment = {
  ...productEnvironment,
  WORKER_CACHED_WORKFLOWS_MAX: String(cachedWorkflowsMax),
  // Being open is what is measured, not being polled: a day passes before the first look.
  PAYMENT_FIRST_POLL_MS: '86400000',
};
const expiresInSeconds = 604_800;
const startsAtOnce = 32;
const startsInOneGo = 2_000;
const listedWithinMs = 30_000;

/** Two platforms side by side, each with servers of its own: one has thousands of payments waiting for their customers. */
export async function measureManyOpen({ context, load, size }: Course): Promise<Measurement> {
  const ending: (() => Promise<unknown>)[] = [];
  const endWith = (end: () => Promise<unknown>): void => void ending.unshift(end);
  try {
    const start = async (): Promise<{ stack: Stack; arm: PaymentArm }> => {
      const stateFolder = await mkdtemp(path.join(tmpdir(), 'durapay-bench-'));
      endWith(() => rm(stateFolder, { recursive: true, force: true }));
      const stack = await startStack({
        ...{ stateFolder, environment, ports: await unusedPorts() },
        report: context.say,
        signal: context.signal,
      });
      endWith(() => stack.stop());
      return { stack, arm: await productArm(stack, load.doneUrl) };
    };
    const empty = await start();
    const full = await start();
    await fill(full.arm, { context, load, size });
    const open = await countOpen(full.stack, size.openPayments);
    if (open.inDatabase < size.openPayments || open.inTemporal < size.openPayments) {
      throw new Error(
        `${size.openPayments} were to be open: ${open.inDatabase} are in PostgreSQL, ${open.inTemporal} in Temporal`,
      );
    }

    const place = (name: string, { arm }: { arm: PaymentArm }) => ({
      name,
      async measure(round: number) {
        context.signal.throwIfAborted();
        const orderPrefix = `many-${name}-${round}-${Date.now()}`;
        const report = await load.run({ target: arm.target, shape: size.closedLoop, orderPrefix });
        if (report.failures > 0)
          throw new Error(`${report.failures} payments failed, the first: ${report.firstFailure}`);
        const figure = paymentsPerSecond(report);
        context.say(`many open, round ${round + 1} of ${size.rounds}, ${name}: ${figure.toFixed(1)}`);
        return figure;
      },
    });
    const samples = await interleave(
      [place('empty', empty), place('full', full), place('emptyAgain', empty)],
      size.rounds,
    );
    return {
      values: { 'payments.throughput_with_20k_open_vs_empty': medianRatio(samples, 'full', 'empty') },
      againstItself: { 'throughput, nothing open': medianRatio(samples, 'emptyAgain', 'empty') },
      notes: [
        `${medianOf(samples, 'full').toFixed(1)} payments/s with ${open.inDatabase} open in PostgreSQL and ` +
          `${open.inTemporal} in Temporal, ${medianOf(samples, 'empty').toFixed(1)} with none; ` +
          `${cachedWorkflowsMax} workflows cached in each process of both`,
      ],
    };
  } finally {
    for (const end of ending) await end().catch((error: unknown) => context.say(String(error)));
  }
}

async function fill({ target }: PaymentArm, { context, load, size }: Course): Promise<void> {
  const patient = { ...target, body: { ...target.body, expiresInSeconds } };
  for (let opened = 0; opened < size.openPayments; opened += startsInOneGo) {
    context.signal.throwIfAborted();
    const count = Math.min(startsInOneGo, size.openPayments - opened);
    const report = await load.run({
      target: patient,
      orderPrefix: `waiting-${opened}`,
      shape: { kind: 'start', concurrency: startsAtOnce, count },
    });
    if (report.failures > 0) throw new Error(`a payment could not be opened: ${report.firstFailure}`);
    const perSecond = paymentsPerSecond(report).toFixed(0);
    context.say(`opened ${opened + count} of ${size.openPayments} payments, ${perSecond}/s`);
  }
}

/** Temporal lists a workflow a moment after it has begun: the last ones are waited for. */
async function countOpen(
  stack: Stack,
  expected: number,
): Promise<{ inDatabase: number; inTemporal: number }> {
  const database = new Client({ connectionString: stack.ownerUrl });
  await database.connect();
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = loadSettings(stack.env);
  const connection = await Connection.connect({ address });
  try {
    const { rows } = await database.query<{ count: string }>(
      `select count(*)::text as count from payments where status = 'requires_action'`,
    );
    const temporal = new TemporalClient({ connection, namespace });
    const running = () => temporal.workflow.count(`WorkflowType = 'payment' AND ExecutionStatus = 'Running'`);
    let { count } = await running();
    for (const end = Date.now() + listedWithinMs; count < expected && Date.now() < end;) {
      await sleep(500);
      ({ count } = await running());
    }
    return { inDatabase: Number(rows[0]?.count), inTemporal: count };
  } finally {
    await connection.close();
    await database.end();
  }
}
