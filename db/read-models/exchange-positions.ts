import { balanceOnNormalSide } from '../../domain/ledger/account';
import type { Mode } from '../../domain/payment/reference';
import type { Queryable } from '../pool';

export interface ExchangePosition {
  currency: string;
  /** What exchanges left us with: positive is money we took, negative is money we gave and have to get. */
  position: bigint;
  /** What they earned us. */
  result: bigint;
}

/** The open position and the result in each currency that was ever exchanged. */
export async function loadExchangePositions(database: Queryable, mode: Mode): Promise<ExchangePosition[]> {
  const { rows } = await database.query<ExchangePosition>(
    `select currency, coalesce(sum(ledger_balance(id)) filter (where kind = 'fx_clearing'), 0) as position,
       coalesce(sum(ledger_balance(id)) filter (where kind = 'fx_result'), 0) as result
     from ledger_accounts where mode = $1 and owner_kind = 'platform' and kind in ('fx_clearing', 'fx_result')
     group by currency order by currency`,
    [mode],
  );
  return rows.map(({ currency, position, result }) => ({
    currency,
    // What clearing was credited is ours to sell: the merchants' claim to it is gone.
    position: -position,
    result: balanceOnNormalSide('fx_result', result),
  }));
}
