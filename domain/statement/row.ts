import type { ChannelError } from '../payment/outcome';

export const statementTypes = [
  'payment',
  'refund',
  'refund_failed',
  'dispute',
  'dispute_won',
  'fee',
  'payout',
  'other',
] as const;
export type StatementType = (typeof statementTypes)[number];

/** One movement at a provider, as its statement tells it; what a ledger is compared with. */
export interface StatementRow {
  /** The provider's number of the movement. */
  id: string;
  type: StatementType;
  /** The provider's own word. */
  rawType: string;
  /** Ours: the attempt's, or the refund's. */
  reference?: string;
  /** The provider's numbers of what moved, and of the charge that it belongs to. */
  providerRef?: string;
  chargeRef?: string;
  currency: string;
  /** Signed and exact, in the main unit: fees may have more decimals than the currency. net = gross − fee. */
  gross: string;
  fee: string;
  net: string;
  at: string;
  availableOn: string;
}

/** The newest first. `next`: there is more, after this one. */
export type StatementPage =
  { kind: 'rows'; rows: StatementRow[]; next?: string } | { kind: 'unavailable'; error: ChannelError };
