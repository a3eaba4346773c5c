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
  const { rows } = await database.query<MerchantBalances>(
    `select coalesce(ledger_balance($1), 0) as pending, coalesce(ledger_balance($2), 0) as available,
       coalesce(ledger_balance($3), 0) as held`,
    ids,
  );
  const raw = rows[0] ?? { pending: 0n, available: 0n, held: 0n };
  return {
    pending: balanceOnNormalSide('merchant_pending', raw.pending),
    available: balanceOnNormalSide('merchant_available', raw.available),
    held: balanceOnNormalSide('merchant_held', raw.held),
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
