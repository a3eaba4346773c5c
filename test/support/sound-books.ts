import { Client } from 'pg';
import { newId } from '../../db/ids';
import { createPool, type Database } from '../../db/pool';
import { auditInvariants } from '../../db/read-models/invariants';
import { sealBlock } from '../../db/stores/ledger-blocks-store';
import { createFeePlan } from '../../db/stores/fee-plans-store';
import { createMerchant } from '../../db/stores/merchants-store';
import { createLedger } from '../../db/stores/ledger-store';
import type { PinnedTerms } from '../../domain/fees/terms';
import { publicId } from '../../domain/ids';
import { refundHoldJournal, successJournal } from '../../domain/ledger/payment-journals';
import { suspenseInJournal } from '../../domain/ledger/suspense-journals';
import { attemptReference } from '../../domain/payment/reference';
import { freshDatabase, type FreshDatabase } from './database';
import { insertPayment } from './payments';
import { testServers } from './servers';
import { until } from './until';

interface SoundlyBooked {
  merchantId: string;
  channelConfigId: string;
  paymentId: string;
  /** Of its charge, K-1. */
  reference: string;
  latePaymentId: string;
  /** Of the late charge, K-2. */
  lateReference: string;
  refundId: string;
}

export interface SoundBooks extends SoundlyBooked {
  database: Database;
  /** What someone with the database in hand can do: triggers do not fire for a replica. */
  breakIt(...statements: string[]): Promise<void>;
  /** The same with the triggers on. */
  asOwner(statement: string): Promise<void>;
  /** The names of what is broken, with their offenders. */
  findings(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** In a database of their own. */
export async function soundBooks(): Promise<SoundBooks> {
  const fresh = await freshDatabase();
  const database = createPool({ url: fresh.url, size: 5, statementTimeoutMs: 10_000, name: 'test' });
  return {
    ...(await bookSoundly(database)),
    database,
    breakIt: (...statements) => runIn(fresh, ['set session_replication_role = replica', ...statements]),
    asOwner: (statement) => runIn(fresh, [statement]),
    async findings() {
      const checks = await auditInvariants(database, { msMaxEach: 10_000 });
      const broken = checks.filter((check) => check.broken > 0);
      return Object.fromEntries(broken.map(({ name, offenders }) => [name, offenders.join('\n')]));
    },
    async close() {
      await database.end();
      await fresh.drop();
    },
  };
}

/** A paid payment of 100.50 with its fee and a refund of 10.00 on its way, late money of another one, and a sealed block. */
export async function bookSoundly(database: Database): Promise<SoundlyBooked> {
  const [paymentId, refundId, merchantId, channelConfigId] = [newId(), newId(), newId(), newId()];
  const reference = attemptReference(paymentId, 1);
  await createMerchant(database, { id: merchantId, name: 'A shop', defaultCurrency: 'USD' });
  await database.query(
    `insert into channel_configs (id, channel, mode, name, base_url, credentials, currencies)
     values ($1, 'kpay', 'test', 'KPay', 'https://kpay.test', '', '{USD}')`,
    [channelConfigId],
  );
  const fees = { [channelConfigId]: { payment: await planOf(database) } };
  const ledger = createLedger();
  const head = { mode: 'test', effectiveAt: new Date(), channelConfigId } as const;
  const amount = { amount: 10_050n, currency: 'USD' };
  await insertPayment(database, {
    id: paymentId,
    merchantId,
    channelConfigId,
    orderId: 'paid',
    status: 'succeeded',
    fees,
  });
  await database.query('update payments set captured = amount, version = version + 1 where id = $1', [
    paymentId,
  ]);
  await ledger.post(database, [
    successJournal({ ...head, reference, paymentId, merchantId, amount, fee: 50n }),
  ]);
  const latePaymentId = await insertPayment(database, {
    merchantId,
    channelConfigId,
    orderId: 'late',
    status: 'expired',
    fees,
  });
  const lateReference = `${attemptReference(latePaymentId, 1)}:K-2`;
  await ledger.post(database, [
    suspenseInJournal({ ...head, reference: lateReference, paymentId: latePaymentId, amount }),
  ]);
  await database.query(
    `insert into provider_charges (channel_config_id, provider_ref, payment_id, attempt_no, amount, currency, disposition)
     values ($1, 'K-1', $2, 1, 10050, 'USD', 'payment'), ($1, 'K-2', $3, 1, 10050, 'USD', 'suspense')`,
    [channelConfigId, paymentId, latePaymentId],
  );
  await database.query(
    `insert into refunds (id, payment_id, merchant_id, mode, amount, currency, status, attempt_no, channel,
       channel_config_id, charge_ref, request_hash, requested_by, reserved_at)
     values ($1, $2, $3, 'test', 1000, 'USD', 'processing', 1, 'kpay', $4, 'K-1', decode(repeat('00', 32), 'hex'), '{}', now())`,
    [refundId, paymentId, merchantId, channelConfigId],
  );
  await database.query('update payments set refund_reserved = 1000, version = version + 1 where id = $1', [
    paymentId,
  ]);
  await ledger.post(database, [
    refundHoldJournal({
      ...{ reference: publicId('refund', refundId), mode: 'test', effectiveAt: new Date() },
      ...{ paymentId, refundId, merchantId, from: 'pending', amount: { amount: 1_000n, currency: 'USD' } },
    }),
  ]);
  // Transactions of other tests' databases may hold sealing back for a moment; then there would be several blocks.
  await until('nothing older than the journals is under way', async () => {
    const { rows } = await database.query<{ is_over: boolean }>(
      'select max(tx) < pg_snapshot_xmin(pg_current_snapshot()) as is_over from ledger_journals',
    );
    return rows[0]?.is_over === true;
  });
  await until('all journals are sealed', async () => {
    const sealed = await sealBlock(database, 1_000);
    return sealed?.journals === 3;
  });

  return { merchantId, channelConfigId, paymentId, reference, latePaymentId, lateReference, refundId };
}

/** 0.50 for every payment in dollars, as it is pinned. */
async function planOf(database: Database): Promise<PinnedTerms> {
  const tier = { percent: '0', fixed: '50' };
  const plan = await createFeePlan(database, {
    ...{ id: newId(), name: 'usual', effectiveFrom: new Date(), createdBy: 'a test' },
    scope: { payer: 'merchant', transactionType: 'payment', currency: 'USD' },
    terms: { tiers: [{ fromVolume: '0', ...tier }], refundable: 'none' },
  });
  if (plan === undefined) throw new Error('There is a plan already.');
  return { planId: plan.id, version: plan.version, ...tier, refundable: 'none' };
}

async function runIn(fresh: FreshDatabase, statements: string[]): Promise<void> {
  const url = new URL(testServers().adminUrl);
  url.pathname = new URL(fresh.url).pathname;
  const client = new Client({ connectionString: url.toString() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
