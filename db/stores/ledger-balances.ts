import { balanceOnNormalSide, merchantAccount, type Account } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';
import { accountId, accountName } from './ledger-accounts';

export interface MerchantBalances {
  pending: bigint;
  available: bigint;
  held: bigint;
}

export async function merchantBalances(
  database: Queryable,
  merchantId: string,
  mode: Mode,
  currency: string,
): Promise<MerchantBalances> {
  const kinds = ['pending', 'available', 'held'] as const;
  const ids = kinds.map((kind) => idOf(merchantAccount(mode, merchantId, kind, currency)));
  const { rows } = await database.query<{ account_id: string; balance: bigint }>(
    'select account_id, balance from ledger_balances_of($1)',
    [ids],
  );
  const of = new Map(rows.map((row) => [row.account_id, row.balance]));
  const [pending, available, held] = ids.map((id) => of.get(id) ?? 0n) as [bigint, bigint, bigint];
  return {
    pending: balanceOnNormalSide('merchant_pending', pending),
    available: balanceOnNormalSide('merchant_available', available),
    held: balanceOnNormalSide('merchant_held', held),
  };
}

/**
 * Held until the transaction ends: what is set aside of a merchant's pending balance takes turns, or two at once
 * could each count on the same money (only available and held are guarded by the ledger itself).
 */
export async function lockMerchantBalance(
  database: Queryable,
  merchantId: string,
  mode: Mode,
  currency: string,
): Promise<void> {
  await database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    accountName(merchantAccount(mode, merchantId, 'pending', currency)),
  ]);
}

function idOf(account: Account): string {
  return accountId(accountName(account));
}
