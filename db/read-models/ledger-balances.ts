import { balanceOnNormalSide, type AccountKind } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

export interface OwnBalance {
  accountId: string;
  kind: AccountKind;
  currency: string;
  /** On the account's normal side: what the platform owes a merchant is positive. */
  balance: bigint;
}

/** Rows know microseconds, everybody who asks milliseconds, cut off: `at` is all of its own. */
const endOfAt = "$3::timestamptz + interval '999 microseconds'";

/**
 * All accounts of one merchant, at most three for each currency; `at` is a moment of the past. What is shown as recorded
 * then is in the balance.
 */
export async function listMerchantBalances(
  database: Queryable,
  of: { merchantId: string; mode: Mode },
  at?: Date,
): Promise<OwnBalance[]> {
  const { rows } = await database.query<{ id: string; kind: AccountKind; currency: string; balance: bigint }>(
    at === undefined
      ? `select a.id, a.kind, a.currency, b.balance
         from ledger_balances_of(array(
           select id from ledger_accounts where owner_id = $1 and mode = $2 and owner_kind = 'merchant')) b
         join ledger_accounts a on a.id = b.account_id order by a.currency, a.kind`
      : `select id, kind, currency, ledger_balance_at(id, ${endOfAt}) as balance from ledger_accounts
         where owner_id = $1 and mode = $2 and owner_kind = 'merchant' and opened_at <= ${endOfAt}
         order by currency, kind`,
    [of.merchantId, of.mode, ...(at === undefined ? [] : [at])],
  );
  return rows.map(({ id, kind, currency, balance }) => ({
    accountId: id,
    kind,
    currency,
    balance: balanceOnNormalSide(kind, balance),
  }));
}
