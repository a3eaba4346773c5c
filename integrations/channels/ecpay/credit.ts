import type { EcpayCredit } from './messages';

/** What has become of a card's authorisation, in the few stages that decide what may be done with it. */
export interface CreditState {
  /**
   * authorized: reserved. closing: told to be captured, the bank not asked yet. closed: captured. cancelled: given
   * up. refused: never authorised.
   */
  stage: 'authorized' | 'closing' | 'closed' | 'cancelled' | 'refused' | 'other';
  /** What was authorised. */
  amount: bigint;
  /** Told to be captured or captured, and given back of it: all of it once the authorisation was given up. */
  captured: bigint;
  refunded: bigint;
  /** ECPay's own word. */
  raw: string;
}

const undone: ReadonlySet<string> = new Set([
  '操作取消',
  '要取消',
  '取消中',
  '已取消',
  '批次失敗',
  '銀行拒絕',
]);
const givenUp: ReadonlySet<string> = new Set(['要取消', '取消中', '已取消', '操作取消']);
const refused: ReadonlySet<string> = new Set(['未授權', '銀行拒絕']);
const atTheBank: ReadonlySet<string> = new Set(['關帳中', '已關帳']);
const toTheBank = '要關帳';

/** Entries below zero are refunds; those that were undone count for nothing. */
export function creditState(credit: EcpayCredit): CreditState {
  const standing = (credit.close_data ?? []).filter(({ status }) => !undone.has(status));
  const closings = standing.filter(({ amount }) => amount > 0n);
  const captured = sum(closings.map(({ amount }) => amount));
  const stage = stageOf(
    credit.status,
    closings.map(({ status }) => status),
  );
  return {
    stage,
    amount: credit.amount,
    captured: closings.length === 0 && (stage === 'closing' || stage === 'closed') ? credit.clsamt : captured,
    refunded:
      stage === 'cancelled'
        ? credit.amount
        : sum(standing.filter(({ amount }) => amount < 0n).map(({ amount }) => -amount)),
    raw: credit.status.slice(0, 100),
  };
}

function stageOf(status: string, closings: readonly string[]): CreditState['stage'] {
  if (givenUp.has(status)) return 'cancelled';
  if (refused.has(status)) return 'refused';
  const told = closings.length > 0 ? closings : [status];
  if (told.some((word) => atTheBank.has(word))) return 'closed';
  if (told.includes(toTheBank)) return 'closing';
  return closings.length === 0 && status === '已授權' ? 'authorized' : 'other';
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
