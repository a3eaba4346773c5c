import { Client } from 'pg';
import { loadSettings } from '../../../../config/settings';
import { kpaySandboxAccount } from '../../../../dev/sandboxes/kpay/account';
import type { Stack } from '../../../../dev/stack/stack';
import { publicId } from '../../../../domain/ids';
import { attemptReference } from '../../../../domain/payment/reference';
import { kpayEvent, signedBy } from '../../../support/kpay-event';
import type { LoadReport, LoadTarget, PreparedMessage } from '../../load/contracts';
import type { LoadClient } from '../../load/load-client';
import type { BenchContext, Measurement } from '../../metric';
import { interleave, median, medianRatio, quantile } from '../../pairing';
import { startProcess } from '../../processes';
import type { PaymentArm } from './arm';
import type { Size } from './size';

interface Course {
  context: BenchContext;
  stack: Stack;
  load: LoadClient;
  product: PaymentArm;
  size: Size;
}

const seed = 20_260_102;
/** What two cores bear in the product's arm with room to spare: each event makes it finish a payment besides. */
const ratePerSecond = 20;
const startsAtOnce = 16;

/**
 * From the appointed time of an event's POST to its answer, in an open loop. The product's event says of an open payment
 * that it was paid: it is verified, written to the inbox, committed and acknowledged, and the payment is finished
 * meanwhile on the same machine. The unit is the same POST to the same HTTP framework, in a process of its own
 * with as large a pool on the same PostgreSQL, which inserts the body as one row, waits for the commit and answers.
 */
export async function measureWebhookAcks(course: Course): Promise<Measurement> {
  const { context, stack, load, size } = course;
  const rounds = size.eventRounds;
  const database = new Client({ connectionString: stack.ownerUrl });
  await database.connect();
  const floor = await startProcess<{ url: string }>('bench/floors/insert-process', {
    FLOOR: JSON.stringify({
      databaseUrl: stack.ownerUrl,
      poolSize: loadSettings(stack.env).DATABASE_POOL_SIZE,
    }),
  }).catch(async (error: unknown) => {
    await database.end();
    throw error;
  });
  try {
    const reports: Record<'product' | 'insert' | 'insertAgain', LoadReport[]> = {
      product: [],
      insert: [],
      insertAgain: [],
    };
    const webhooks = await webhookTarget(stack, database);
    const insert = { startUrl: floor.ready.url, headers: {}, body: {} };

    const measure = async (place: keyof typeof reports, round: number): Promise<number> => {
      context.signal.throwIfAborted();
      const prefix = `webhook-${place}-${round}-${Date.now()}`;
      const messages =
        place === 'product' ? await paidEvents(course, database, prefix) : strangeEvents(prefix, size.events);
      const report = await load.run({
        target: place === 'product' ? webhooks : insert,
        orderPrefix: prefix,
        shape: {
          kind: 'deliver',
          messages,
          schedule: { seed, ratePerSecond, from: round * size.events, count: size.events },
        },
      });
      if (report.failures > 0)
        throw new Error(`${report.failures} events failed, the first: ${report.firstFailure}`);
      reports[place].push(report);
      const p99Ms = quantile(report.answersMs, 0.99);
      context.say(`webhooks, round ${round + 1} of ${rounds}, ${place}: p99 ${p99Ms.toFixed(1)} ms`);
      return p99Ms;
    };
    const samples = await interleave(
      (['insert', 'product', 'insertAgain'] as const).map((name) => ({
        name,
        measure: (round) => measure(name, round),
      })),
      rounds,
    );
    const medianMs = (all: LoadReport[]): number => median(all.flatMap(({ answersMs }) => answersMs));
    return {
      values: { 'webhook.ack_p99_vs_insert': medianRatio(samples, 'product', 'insert') },
      // A hundredth of so few has an error of its own, which the note shows; half of them steady the ground.
      againstItself: { 'one-row insert, p50': medianMs(reports.insertAgain) / medianMs(reports.insert) },
      notes: [
        `Events at ${ratePerSecond}/s, over all rounds: ${Object.entries(reports)
          .map(([name, all]) => `${name} ${describe(all)}`)
          .join(
            '; ',
          )}; p99 of the insert against itself ${medianRatio(samples, 'insertAgain', 'insert').toFixed(2)}`,
      ],
    };
  } finally {
    await floor.stop();
    await database.end();
  }
}

async function webhookTarget({ urls }: Stack, database: Client): Promise<LoadTarget> {
  const { rows } = await database.query<{ id: string }>(
    `select id from channel_configs where channel = 'kpay'`,
  );
  const config = publicId('channelConfig', rows[0]?.id ?? '');
  return { startUrl: `${urls.api}/webhooks/kpay/${config}`, headers: {}, body: {} };
}

/** Opens as many payments, and says of each that it was paid. */
async function paidEvents(
  { load, product, size }: Course,
  database: Client,
  orderPrefix: string,
): Promise<PreparedMessage[]> {
  const shape = { kind: 'start', concurrency: startsAtOnce, count: size.events } as const;
  const started = await load.run({ target: product.target, shape, orderPrefix });
  if (started.failures > 0) throw new Error(`a payment could not be opened: ${started.firstFailure}`);
  const { rows } = await database.query<{ order_id: string; payment_id: string }>(
    'select order_id, payment_id from payment_keys where starts_with(order_id, $1)',
    [`${orderPrefix}-`],
  );
  return rows.map(({ order_id, payment_id }) => ({
    ...signedEvent(attemptReference(payment_id, 1)),
    orderId: order_id,
  }));
}

/** As long and as well signed; the unit looks at nothing of it. */
function strangeEvents(prefix: string, count: number): PreparedMessage[] {
  return Array.from({ length: count }, (_, index) => signedEvent(`${prefix}-${index}`));
}

function signedEvent(reference: string): PreparedMessage {
  const body = JSON.stringify(kpayEvent(reference));
  return { body, headers: signedBy(kpaySandboxAccount.webhookSecret, body) };
}

function describe(reports: LoadReport[]): string {
  const all = reports.flatMap(({ answersMs }) => answersMs);
  return `p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${quantile(all, 0.99).toFixed(1)} ms`;
}
