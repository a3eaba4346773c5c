import { randomUUID } from 'node:crypto';
import { createPool, type Database } from '../../../db/pool';
import { newId } from '../../../db/ids';
import { changeAndBook } from '../../../db/stores/change-and-book';
import { createLedger } from '../../../db/stores/ledger-store';
import type { PaymentChange } from '../../../db/stores/payments-store';
import type { Journal } from '../../../domain/ledger/journal';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { aSuccess } from '../../support/ledger';
import { insertPayment } from '../../support/payments';

let fresh: FreshDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 4, statementTimeoutMs: 5_000, name: 'test' });
});
afterAll(async () => {
  await database.end();
  await fresh.drop();
});

/** A payment that is about to be paid, and the change that says so. */
async function aPaidPayment() {
  const paymentId = await insertPayment(database, { merchantId: newId(), orderId: newId() });
  const { rows } = await database.query<{ version: number; status: PaymentChange['from'] }>(
    'select version, status from payments where id = $1',
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the payment was not inserted');
  const change: PaymentChange = {
    paymentId,
    onVersion: row.version,
    eventId: newId(),
    type: 'payment.succeeded',
    from: row.status,
    to: 'succeeded',
    cause: { by: 'webhook', key: `event:${newId()}` },
    at: new Date().toISOString(),
    finished: true,
  };
  return { paymentId, change };
}

const statusOf = async (paymentId: string) => {
  const { rows } = await database.query<{ status: string }>('select status from payments where id = $1', [
    paymentId,
  ]);
  return rows[0]?.status;
};
const isBooked = async (journal: Journal) => {
  const { rowCount } = await database.query('select from ledger_journals where reference = $1', [
    journal.reference,
  ]);
  return rowCount === 1;
};

/** The two ways that a change takes: an account of its journal is still to be opened, or all are known to be open. */
describe.each(['opens an account', 'finds its accounts open'])('a change whose journal %s', (way) => {
  const refused: string[] = [];
  const ledger = createLedger({ onRefused: ({ code }) => refused.push(code) });
  const open = { merchantId: randomUUID(), channelConfigId: randomUUID() };
  beforeAll(async () => {
    await ledger.post(database, [aSuccess(open)]);
    await ledger.post(database, [aSuccess(open)]);
  });
  const journalFor = (paymentId: string) =>
    aSuccess({ ...open, paymentId, ...(way === 'opens an account' ? { merchantId: randomUUID() } : {}) });

  test('is written with it', async () => {
    const { paymentId, change } = await aPaidPayment();
    const journal = journalFor(paymentId);
    expect(ledger.asPart([journal]) !== undefined).toBe(way === 'finds its accounts open');
    expect(await changeAndBook(database, ledger, change, [journal])).toBe(true);
    expect([await statusOf(paymentId), await isBooked(journal)]).toEqual(['succeeded', true]);
  });

  test('books nothing if the payment has gone further', async () => {
    const { paymentId, change } = await aPaidPayment();
    const journal = journalFor(paymentId);
    const late = { ...change, onVersion: change.onVersion + 5 };
    expect(await changeAndBook(database, ledger, late, [journal])).toBe(false);
    expect(await isBooked(journal)).toBe(false);
  });

  test('accepts that the very journal stands already', async () => {
    const { paymentId, change } = await aPaidPayment();
    const journal = journalFor(paymentId);
    await createLedger().post(database, [journal]);
    expect(await changeAndBook(database, ledger, change, [journal])).toBe(true);
    expect(await statusOf(paymentId)).toBe('succeeded');
  });

  test('is not made if its reference says something else already', async () => {
    const { paymentId, change } = await aPaidPayment();
    const journal = journalFor(paymentId);
    const other = { ...journalFor(newId()), reference: journal.reference };
    await createLedger().post(database, [other]);
    await expect(changeAndBook(database, ledger, change, [journal])).rejects.toMatchObject({
      code: 'reference_conflict',
    });
    expect(await statusOf(paymentId)).toBe(change.from);
  });

  test('is not made if the ledger refuses', async () => {
    const { paymentId, change } = await aPaidPayment();
    const journal = journalFor(paymentId);
    const [first, ...others] = journal.postings;
    if (first === undefined) throw new Error('a journal has postings');
    const unbalanced = { ...journal, postings: [{ ...first, amount: first.amount + 1n }, ...others] };
    await expect(changeAndBook(database, ledger, change, [unbalanced])).rejects.toMatchObject({
      code: 'unbalanced',
    });
    expect([await statusOf(paymentId), await isBooked(journal)]).toEqual([change.from, false]);
    expect(refused.at(-1)).toBe('unbalanced');
  });
});
