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

/** All accounts of one merchant, at most three for each currency; `at` is a moment of the past. */
export async function listMerchantBalances(
  database: Queryable,
  of: { merchantId: string; mode: Mode },
  at?: Date,
): Promise<OwnBalance[]> {
  const { rows } = await database.query<{ id: string; kind: AccountKind; currency: string; balance: bigint }>(
    `select id, kind, currency,
       case when $3::timestamptz is null then ledger_balance(id) else ledger_balance_at(id, $3) end as balance
     from ledger_accounts
     where owner_id = $1 and mode = $2 and owner_kind = 'merchant' and ($3 is null or opened_at <= $3)
     order by currency, kind`,
    [of.merchantId, of.mode, at ?? null],
  );
  return rows.map(({ id, kind, currency, balance }) => ({
    accountId: id,
    kind,
    currency,
    balance: balanceOnNormalSide(kind, balance),
  }));
}
