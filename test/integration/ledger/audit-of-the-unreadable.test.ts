import { auditInvariants, invariantNames, type AuditedInvariant } from '../../../db/read-models/invariants';
import { dropChecks } from '../../support/drop-checks';
import { soundBooks, type SoundBooks } from '../../support/sound-books';

let books: SoundBooks;
beforeEach(async () => {
  books = await soundBooks();
});
afterEach(() => books.close());

/** A quote for each of the payments, at ids in this order. */
const quotesOf = (payments: string) => `
  insert into exchange_quotes (id, merchant_id, mode, source_amount, source_currency, target_amount, target_currency,
    rate_id, is_inverse, market_n, market_d, merchant_n, merchant_d, expires_at, payment_id, locked_at)
  select uuid_in(lpad(no::text, 32, '0')::cstring), '${books.merchantId}', 'test', 10050, 'USD', 3134, 'TWD', gen_random_uuid(),
    false, 63, 200, 6237, 20000, now() + interval '1 minute', payment_id, now()
  from (${payments}) p`;
const idOf = (no: number) => `00000000-0000-0000-0000-${String(no).padStart(12, '0')}`;

/** All checks in one look; whatever else is broken then, all of them answer. */
async function look(): Promise<Record<string, AuditedInvariant>> {
  const checks = await auditInvariants(books.database, { msMaxEach: 10_000 });
  expect(checks.map(({ name }) => name)).toEqual(invariantNames);
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

describe('a value that the database cannot read', () => {
  const unreadable = `${idOf(300)}: a value there can't be read (invalid input syntax for type numeric: "x")`;
  /** As many like it as a look at more than one page needs. */
  const copies =
    () => `select no, (left('${books.latePaymentId}', 24) || lpad(no::text, 12, '0'))::uuid as payment_id
    from generate_series(1, 700) no where no <> 300`;
  beforeEach(async () => {
    await books.breakIt(
      `insert into payments select copy.* from (${copies()}) c join payments p on p.id = '${books.latePaymentId}'
         cross join lateral jsonb_populate_record(p, jsonb_build_object('id', c.payment_id, 'order_id', c.no)) copy`,
      quotesOf(copies()),
      quotesOf(`select 300 as no, '${books.latePaymentId}'::uuid as payment_id`),
      `update refunds set payment_id = '${books.latePaymentId}', exchange = '{"source": "1000", "target": "x", "worth": "1"}'`,
    );
  });

  it('is named by its row, and all others are looked at', async () => {
    const { conversions_match: found } = await look();
    expect(found).toMatchObject({ checked: 700, broken: 1, offenders: [unreadable], isComplete: true });
  });

  it('hides nothing that is broken before or behind it', async () => {
    await books.breakIt(
      `delete from exchange_quotes where id = '${idOf(650)}'`,
      quotesOf(`select 650 as no, '${books.paymentId}'::uuid as payment_id`),
    );
    const { conversions_match: found } = await look();
    expect(found).toMatchObject({ checked: 700, isComplete: true });
    expect(found?.offenders).toEqual([
      unreadable,
      expect.stringContaining(`${books.reference}:fx exchanged`),
    ]);
  });

  it('is named as well where the look goes on from the place before it', async () => {
    const offenders: string[] = [];
    let after: string | undefined;
    do {
      const [slice] = await auditInvariants(books.database, {
        msMaxEach: -1,
        only: { name: 'conversions_match', after },
      });
      offenders.push(...(slice?.offenders ?? []));
      after = slice?.next ?? undefined;
    } while (after !== undefined);
    expect(offenders).toEqual([unreadable]);
  });
});

it('a rate of nothing is named by its quote', async () => {
  await books.breakIt(
    dropChecks('exchange_quotes'),
    quotesOf(`select 7 as no, '${books.paymentId}'::uuid as payment_id`),
    'update exchange_quotes set market_d = 0',
  );
  const { conversions_match: found } = await look();
  expect(found?.offenders).toEqual([`${idOf(7)}: a value there can't be read (division by zero)`]);
});

it('terms that computing can not read are named by their charge, and all others are looked at', async () => {
  await books.breakIt(
    `update fee_plan_versions set terms = jsonb_set(terms, '{tiers,0,fixed}', '"x"')`,
    `update payments set decision = jsonb_set(decision, '{fees,${books.channelConfigId},payment,fixed}', '"x"')`,
  );
  const { fees_follow_plans: found, chain_verifies: chain } = await look();
  // The late charge waits for a decision: nothing is booked of it that fees belong to.
  expect(found).toMatchObject({
    checked: 3,
    broken: 1,
    offenders: [`${books.reference}: a value there can't be read (Cannot convert x to a BigInt)`],
    isComplete: true,
  });
  expect(chain).toMatchObject({ checked: 3, broken: 0 });
});

it('a page that can not be read as a whole is told by its check, which leaves out no other part', async () => {
  await books.breakIt(
    `update ledger_journals set amounts = array['NaN', 'NaN', 'NaN', 'NaN']::numeric[] where reference = '${books.reference}'`,
  );
  const { fees_follow_plans: found } = await look();
  expect(found?.offenders).toEqual([
    "part 1, of the first rows: a value there can't be read (Cannot convert NaN to a BigInt), and no more of them were looked at",
  ]);
  // The charges are left out; the refund is looked at.
  expect(found).toMatchObject({ checked: 1, isComplete: false, next: null });
});
