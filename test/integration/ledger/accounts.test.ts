import { randomUUID } from 'node:crypto';
import { createPool, type Database } from '../../../db/pool';
import { accountId, accountName, ownerIdOf } from '../../../db/stores/ledger-accounts';
import { createLedger } from '../../../db/stores/ledger-store';
import {
  channelReceivable,
  merchantAccount,
  platformAccount,
  type Account,
} from '../../../domain/ledger/account';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { aSuccess } from '../../support/ledger';

let fresh: FreshDatabase;
let database: Database;
let owner: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createPool({ url: fresh.url, size: 2, statementTimeoutMs: 10_000, name: 'test' });
  owner = createPool({ url: fresh.ownerUrl, size: 1, statementTimeoutMs: 10_000, name: 'owner' });
});

afterAll(async () => {
  await Promise.all([database.end(), owner.end()]);
  await fresh.drop();
});

const idOf = (account: Account) => accountId(accountName(account));

function open(account: Account, id = idOf(account)) {
  return database.query(
    `insert into ledger_accounts (id, mode, owner_kind, owner_id, kind, currency) values ($1, $2, $3, $4, $5, $6)`,
    [id, account.mode, account.owner.kind, ownerIdOf(account), account.kind, account.currency],
  );
}

const agentAccount = (kind: 'agent_pending' | 'agent_available' | 'agent_held'): Account => ({
  ...{ mode: 'live', owner: { kind: 'agent', id: randomUUID() }, kind, currency: 'EUR' },
});
const platformKinds = [
  ...(['bank', 'fx_clearing', 'suspense', 'adjustments'] as const),
  ...(['fee_income', 'channel_cost', 'commission_cost', 'fx_result'] as const),
];

test('the database comes to the same id as the code, for every kind of account', async () => {
  const all: Account[] = [
    ...platformKinds.map((kind) => platformAccount('live', kind, 'TWD')),
    ...(['agent_pending', 'agent_available', 'agent_held'] as const).map(agentAccount),
    ...['USD', 'TWD', 'USDT'].flatMap((currency) =>
      Array.from({ length: 50 }, () => [
        channelReceivable('test', randomUUID(), currency),
        merchantAccount('live', randomUUID(), 'pending', currency),
        merchantAccount('test', randomUUID(), 'available', currency),
        merchantAccount('test', randomUUID(), 'held', currency),
      ]).flat(),
    ),
  ];
  for (const account of all) await open(account);
  const { rows } = await database.query<{ count: bigint }>(
    `select count(*) from ledger_accounts
     where id = ledger_account_id(mode, owner_kind, owner_id, kind, currency) and id = any ($1)`,
    [all.map(idOf)],
  );
  expect(rows[0]?.count).toBe(BigInt(all.length));
});

const merchant = { kind: 'merchant', id: randomUUID() } as const;
const nobody = '00000000-0000-0000-0000-000000000000';

test.each<{ why: string; account: Account; id?: string }>([
  {
    why: 'an id that is not its digest',
    account: merchantAccount('test', randomUUID(), 'pending', 'USD'),
    id: randomUUID(),
  },
  {
    why: 'a kind that its owner has none of',
    account: { mode: 'test', owner: merchant, kind: 'fee_income', currency: 'USD' },
  },
  {
    why: 'an agent’s kind for a merchant',
    account: { mode: 'test', owner: merchant, kind: 'agent_held', currency: 'USD' },
  },
  {
    why: 'a merchant’s kind for the platform',
    account: { mode: 'test', owner: { kind: 'platform' }, kind: 'merchant_available', currency: 'USD' },
  },
  { why: 'a merchant of no name', account: merchantAccount('test', nobody, 'pending', 'USD') },
])('an account with $why is not opened', async ({ account, id }) => {
  await expect(open(account, id)).rejects.toMatchObject({ code: '23514' });
});

test('whose an account is stays, the owner of the tables included; it may be closed and opened', async () => {
  const merchantId = randomUUID();
  await createLedger().post(database, [aSuccess({ merchantId })]);
  const one = `where owner_id = '${merchantId}'`;
  for (const statement of [
    `update ledger_accounts set owner_id = '${randomUUID()}' ${one}`,
    `update ledger_accounts set mode = 'live', closed_at = now() ${one}`,
    `update ledger_accounts set kind = 'merchant_held' ${one}`,
    `update ledger_accounts set currency = 'EUR' ${one}`,
    `update ledger_accounts set opened_at = now() ${one}`,
    `update ledger_accounts set id = gen_random_uuid() ${one}`,
    `delete from ledger_accounts ${one}`,
    'truncate ledger_accounts cascade',
  ]) {
    await expect(owner.query(statement)).rejects.toMatchObject({ code: 'LD002' });
  }
  const { rowCount } = await owner.query(`update ledger_accounts set closed_at = now() ${one}`);
  expect(rowCount).toBe(1);
  await owner.query(`update ledger_accounts set closed_at = null ${one}`);
});

test('what writes as the owner is for the application alone, and its triggers are not even for that', async () => {
  const { rows } = await database.query<{ name: string; isOurs: boolean; isAnybodys: boolean }>(
    `select proname as name, has_function_privilege('durapay_app', p.oid, 'execute') as "isOurs",
       proacl is null or exists (select from aclexplode(proacl) where grantee = 0) as "isAnybodys"
     from pg_proc p where proname like 'ledger\\_%' and prosecdef and provolatile = 'v' order by proname`,
  );
  expect(rows.filter(({ isAnybodys }) => isAnybodys)).toEqual([]);
  expect(rows.filter(({ isOurs }) => isOurs).map(({ name }) => name)).toEqual([
    ...['ledger_book_carefully', 'ledger_close_account', 'ledger_reopen_account', 'ledger_seal'],
  ]);
  const connection = await database.connect();
  try {
    await connection.query('create temporary table forged (like ledger_blocks)');
    const hang = `create trigger moves after insert on forged referencing new table as new_blocks
      for each statement execute function ledger_block_moves()`;
    await expect(connection.query(hang)).rejects.toMatchObject({ code: '42501' });
    for (const name of ['ledger_book', 'ledger_is_immutable', 'ledger_is_moved_by_block']) {
      await expect(
        connection.query(
          `create trigger t after insert on forged for each row execute function public.${name}()`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    connection.release(true);
  }
});
