import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Queryable } from '../../../db/pool';
import { allSettled } from '../../faults/invariants/all-settled';
import { booksBalance } from '../../faults/invariants/books-balance';
import { callbacksArrived } from '../../faults/invariants/callbacks-arrived';
import { chargedOnce } from '../../faults/invariants/charged-once';
import type { Evidence } from '../../faults/invariants/evidence';
import { moneyMatches } from '../../faults/invariants/money-matches';
import { neverBack } from '../../faults/invariants/never-back';
import { nothingLost } from '../../faults/invariants/nothing-lost';
import { nothingTold } from '../../faults/invariants/nothing-told';
import { refundsFit } from '../../faults/invariants/refunds-fit';
import type { Finding } from '../../faults/finding';
import { startPlatform, type Platform } from '../../support/platform';
import { refundsOn } from '../../support/refunds';
import { until } from '../../support/until';

let platform: Platform;
let honest: Omit<Evidence, 'database'>;

type Check = (evidence: Evidence) => Finding | Promise<Finding>;

const settledHere: Check = ({ database }) =>
  allSettled(
    database,
    platform.temporal,
    `ExecutionStatus = 'Running' AND WorkflowType != 'sweep' AND TaskQueue IN ('${platform.queues.payments}', '${platform.queues.operations}')`,
  );

/** Two paid payments, one of them refunded in part, and one that was cancelled: small, and all of it real. */
beforeAll(async () => {
  platform = await startPlatform();
  const refunds = refundsOn(platform);
  const paid = await refunds.paidPayment();
  const other = await refunds.paidPayment();
  const cancelled = await platform.openPayment();
  await platform.call('POST', `/api/v1/payments/${cancelled.id}/cancel`, {
    key: platform.merchant.apiKey,
    body: {},
  });
  const asked = await refunds.ask({ paymentId: paid.id, amount: '40.00', refundNo: 'tin-1' });
  const refund = await refunds.waitFor((asked.body as { id: string }).id, 'succeeded');
  await until(
    'everything has ended',
    async () => (await settledHere(evidenceOn(platform.database))).offenders.length === 0,
  );
  honest = {
    book: platform.sandbox.book(),
    acknowledged: [
      ...[paid, other].map(({ id, orderId, amount }) => ({
        paymentId: id,
        orderId,
        amount,
        currency: 'USD',
      })),
      {
        paymentId: cancelled.id,
        orderId: cancelled.orderId,
        amount: cancelled.amount,
        currency: 'USD',
        isCancelled: true,
      },
    ],
    refunds: [{ refundNo: 'tin-1', refundId: refund.id, paymentId: paid.id, amount: '40.00' }],
    callbacks: platform.callbacks.events.map((event) => ({
      id: event.id,
      body: JSON.stringify(event),
      times: 1,
      isChanged: false,
    })),
    problems: [],
  };
});
afterAll(() => platform?.close());

function evidenceOn(database: Queryable, over: Partial<Evidence> = {}): Evidence {
  return { ...honest, ...over, database };
}

const checks: Record<string, Check> = {
  I1: booksBalance,
  I2: chargedOnce,
  I3: moneyMatches,
  I4: callbacksArrived,
  I5: refundsFit,
  I7: nothingLost,
  I8: settledHere,
  I9: neverBack,
};

it.each(Object.keys(checks))('%s holds where nothing was touched, and looks at something', async (name) => {
  const finding = await checks[name]?.(evidenceOn(platform.database));
  expect(finding).toMatchObject({ name, offenders: [] });
  expect(finding?.checked).toBeGreaterThan(0);
});

/** Each breaks one thing: in the database, rolled back afterwards, or in another party's book. */
const mutations: [check: string, what: string, sql: string[], over?: () => Partial<Evidence>][] = [
  [
    'I1',
    'a journal does not sum to zero',
    [
      'alter table ledger_journals disable trigger user',
      'update ledger_journals set amounts[1] = amounts[1] + 1 where id = (select min(id) from ledger_journals)',
    ],
  ],
  [
    'I1',
    'what a block did to an account was changed',
    [
      'alter table ledger_account_blocks disable trigger user',
      'update ledger_account_blocks set amount = amount + 1',
    ],
  ],
  [
    'I1',
    'a balance was changed',
    ['alter table ledger_balances disable trigger user', 'update ledger_balances set balance = balance + 1'],
  ],
  [
    'I2',
    'the provider charged twice',
    [],
    () => ({ book: honest.book.map((order) => ({ ...order, charges: order.charges * 2 })) }),
  ],
  ['I3', 'a charge is not here', ['delete from provider_charges']],
  [
    'I3',
    'a charge is here twice, for the unique keys were removed',
    [
      'alter table provider_charges drop constraint provider_charges_pkey',
      'drop index provider_charges_one_per_payment',
      'insert into provider_charges select * from provider_charges',
    ],
  ],
  [
    'I3',
    'another amount was charged there',
    [],
    () => ({ book: honest.book.map((order) => ({ ...order, amount: order.amount + 1 })) }),
  ],
  [
    'I3',
    'nothing was charged there',
    [],
    () => ({ book: honest.book.map((order) => ({ ...order, charges: 0 })) }),
  ],
  ['I4', 'a callback never arrived', [], () => ({ callbacks: honest.callbacks.slice(1) })],
  [
    'I4',
    'a callback came with two contents',
    [],
    () => ({ callbacks: honest.callbacks.map((one) => ({ ...one, isChanged: true })) }),
  ],
  ['I4', 'a callback was never written down', ['delete from outbox']],
  ['I5', 'a refund is not here', ['delete from refunds']],
  [
    'I5',
    'one number became two refunds, for the unique key was removed',
    [
      'alter table refund_keys drop constraint refund_keys_pkey',
      `insert into refunds (id, payment_id, merchant_id, mode, refund_no, amount, wants_all, currency, reason, kind,
         request_hash, requested_by, status)
       select (left(id::text, 35) || translate(right(id::text, 1), '0123456789abcdef', '123456789abcdef0'))::uuid,
         payment_id, merchant_id, mode, refund_no, amount, wants_all, currency, reason, kind,
         request_hash, requested_by, 'failed' from refunds`,
    ],
  ],
  [
    'I5',
    'more was given back than was taken',
    [],
    () => ({ book: honest.book.map((order) => ({ ...order, refunded_amount: order.charged_amount + 1 })) }),
  ],
  [
    'I5',
    'a refund moved money twice',
    [],
    () => ({
      book: honest.book.map((order) => ({
        ...order,
        refunds: order.refunds.map((one) => ({ ...one, effects: 2 })),
      })),
    }),
  ],
  [
    'I5',
    'a refund was acknowledged and is gone',
    [],
    () => ({ refunds: honest.refunds.map((one) => ({ ...one, refundId: `ref_${'0'.repeat(32)}` })) }),
  ],
  [
    'I7',
    'a payment was acknowledged and is gone',
    [],
    () => ({
      acknowledged: honest.acknowledged.map((one) => ({ ...one, paymentId: `pay_${'0'.repeat(32)}` })),
    }),
  ],
  [
    'I7',
    'one orderId was answered with two payments',
    [],
    () => ({
      acknowledged: honest.acknowledged.map((one) => ({
        ...one,
        orderId: honest.acknowledged[0]?.orderId ?? '',
      })),
    }),
  ],
  [
    'I7',
    'what was confirmed as cancelled is not',
    [],
    () => ({ acknowledged: honest.acknowledged.map((one) => ({ ...one, isCancelled: true as const })) }),
  ],
  ['I8', 'an event was received and not applied', [`update webhook_inbox set status = 'received'`]],
  [
    'I8',
    'an event was set aside',
    [`update webhook_inbox set status = 'set_aside', set_aside_for = 'It says otherwise.'`],
  ],
  ['I8', 'a callback still waits', [`update outbox set status = 'pending'`]],
  [
    'I8',
    'a journal was never sealed',
    ['alter table ledger_blocks disable trigger user', 'delete from ledger_blocks'],
  ],
  [
    'I9',
    'a payment went back',
    [
      'alter table payments disable trigger user',
      `update payments set status = 'requires_action' where status = 'succeeded'`,
    ],
  ],
  [
    'I9',
    'a forbidden step was written',
    [`update payment_events set to_status = 'created' where to_status = 'requires_action'`],
  ],
  ['I9', 'a step is missing', ['delete from payment_events where version = 2']],
  [
    'I9',
    'a sealed journal was changed',
    [
      'alter table ledger_journals disable trigger user',
      `update ledger_journals set reason = 'another' where id = (select min(id) from ledger_journals)`,
    ],
  ],
];

const cases = mutations.map(([name, what, sql, over]) => ({ name, what, sql, over }));

it.each(cases)('$name notices: $what', async ({ name, sql, over }) => {
  const connection = await platform.database.connect();
  try {
    await connection.query('begin');
    for (const statement of sql) expect((await connection.query(statement)).rowCount).not.toBe(0);
    const finding = await checks[name]?.(evidenceOn(connection, over?.()));
    expect(finding?.offenders).not.toEqual([]);
  } finally {
    await connection.query('rollback');
    connection.release();
  }
});

describe('I10', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-told-'));
  const log = path.join(folder, 'api.log');
  const secrets = [{ name: 'the key', text: 'dp_test_secret' }];
  const known = { file: log, text: 'order-1' };
  afterAll(() => rmSync(folder, { recursive: true }));
  const look = (content: string, problems: string[] = []) => {
    writeFileSync(log, content);
    return nothingTold({ files: [log], secrets, known, problems });
  };

  it('holds where no secret stands', async () => {
    expect((await look('order-1 was paid')).offenders).toEqual([]);
  });
  it('notices a secret in a log, also across two reads', async () => {
    expect((await look(`order-1${' '.repeat(4_000_000 - 12)}dp_test_secret`)).offenders).toHaveLength(1);
  });
  it('notices that it finds nothing', async () => {
    expect((await look('nothing at all')).offenders).toHaveLength(1);
  });
  it('notices what merchants saw', async () => {
    expect((await look('order-1', ['I10: a stranger was answered'])).offenders).toHaveLength(1);
  });
});
