import { accountKindNames, type AccountKind } from './account';
import type { Journal, JournalKind } from './journal';

/** On which side a line may stand; an exchange is also done the other way round. */
export type MovableSide = 'debit' | 'credit' | 'either';

/** A journal by what it does: `dispute_lost` is also what is made up for later. */
export type BookedAs = JournalKind | 'dispute_made_up';

export const madeUpStep = 'made_up';

const charged = {
  channel_receivable: 'either',
  merchant_pending: 'either',
  fee_income: 'credit',
  channel_cost: 'debit',
} as const;

/**
 * The accounts that each journal may move, and no others: what the functions beside this one make, the audit holds all
 * that is booked against. Whose they are follows from what the journal is of: the merchant's of its payment, the channel's
 * that the money came through, the platform's. So does which of two balances of a merchant it moves, which is asked with
 * that (`conversions_match`, `refunds_are_booked`, `disputes_are_booked`).
 */
export const movableAccounts: Readonly<Record<BookedAs, Partial<Record<AccountKind, MovableSide>>>> = {
  success: charged,
  capture: charged,
  suspense_in: { channel_receivable: 'debit', suspense: 'credit' },
  suspense_accepted: { ...charged, channel_receivable: 'credit', suspense: 'debit' },
  suspense_refunded: { suspense: 'debit', channel_receivable: 'credit', channel_cost: 'debit' },
  fee: { merchant_pending: 'debit', merchant_available: 'debit', fee_income: 'credit' },
  channel_cost: { channel_cost: 'debit', channel_receivable: 'credit' },
  refund_hold: {
    merchant_pending: 'debit',
    merchant_available: 'debit',
    fee_income: 'debit',
    merchant_held: 'credit',
  },
  refund_release: {
    merchant_held: 'debit',
    merchant_pending: 'credit',
    merchant_available: 'credit',
    fee_income: 'credit',
  },
  refund: {
    merchant_held: 'debit',
    channel_receivable: 'credit',
    fee_income: 'debit',
    merchant_pending: 'credit',
    merchant_available: 'credit',
    channel_cost: 'debit',
  },
  dispute_hold: { merchant_pending: 'debit', merchant_available: 'debit', merchant_held: 'credit' },
  dispute_won: { merchant_held: 'debit', merchant_pending: 'credit', merchant_available: 'credit' },
  dispute_lost: {
    merchant_held: 'debit',
    suspense: 'debit',
    channel_cost: 'debit',
    merchant_pending: 'debit',
    merchant_available: 'debit',
    channel_receivable: 'credit',
    fee_income: 'credit',
  },
  dispute_made_up: { suspense: 'debit', channel_cost: 'credit' },
  exchange: {
    merchant_pending: 'either',
    merchant_available: 'either',
    fx_clearing: 'either',
    fx_result: 'either',
  },
  // Two people may correct anything.
  adjustment: Object.fromEntries(accountKindNames.map((kind) => [kind, 'either'])),
};

export function bookedAs({ kind, reference }: Pick<Journal, 'kind' | 'reference'>): BookedAs {
  return kind === 'dispute_lost' && reference.endsWith(`:${madeUpStep}`) ? 'dispute_made_up' : kind;
}
