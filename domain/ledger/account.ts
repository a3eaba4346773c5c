import type { Mode } from '../payment/reference';

export type OwnerKind = 'platform' | 'channel' | 'merchant' | 'agent';

/** `id` is the merchant's, the agent's or the channel configuration's; the platform is one and has none. */
export type Owner = { kind: 'platform' } | { kind: Exclude<OwnerKind, 'platform'>; id: string };

type Side = 'debit' | 'credit';

interface KindOfAccount {
  owner: OwnerKind;
  /** The side on which it grows: what we have and what it cost us are debits, what we owe and earned are credits. */
  normal: Side;
  /** What its owner may spend: the database lets no more out than came in. */
  isGuarded: boolean;
}

const kinds = {
  channel_receivable: { owner: 'channel', normal: 'debit', isGuarded: false },
  bank: { owner: 'platform', normal: 'debit', isGuarded: false },
  fx_clearing: { owner: 'platform', normal: 'debit', isGuarded: false },
  suspense: { owner: 'platform', normal: 'credit', isGuarded: false },
  adjustments: { owner: 'platform', normal: 'debit', isGuarded: false },
  merchant_pending: { owner: 'merchant', normal: 'credit', isGuarded: false },
  merchant_available: { owner: 'merchant', normal: 'credit', isGuarded: true },
  merchant_held: { owner: 'merchant', normal: 'credit', isGuarded: true },
  agent_pending: { owner: 'agent', normal: 'credit', isGuarded: false },
  agent_available: { owner: 'agent', normal: 'credit', isGuarded: true },
  agent_held: { owner: 'agent', normal: 'credit', isGuarded: true },
  fee_income: { owner: 'platform', normal: 'credit', isGuarded: false },
  channel_cost: { owner: 'platform', normal: 'debit', isGuarded: false },
  commission_cost: { owner: 'platform', normal: 'debit', isGuarded: false },
  fx_result: { owner: 'platform', normal: 'credit', isGuarded: false },
} as const satisfies Record<string, KindOfAccount>;

export type AccountKind = keyof typeof kinds;

export const accountKindNames = Object.keys(kinds) as AccountKind[];

const accountKinds: Readonly<Record<AccountKind, KindOfAccount>> = kinds;

/** All that an account is: nothing else is needed to name it, and nothing has to be looked up. */
export interface Account {
  mode: Mode;
  owner: Owner;
  kind: AccountKind;
  currency: string;
}

export type MerchantBalance = 'pending' | 'available' | 'held';

export function merchantAccount(
  mode: Mode,
  merchantId: string,
  balance: MerchantBalance,
  currency: string,
): Account {
  return { mode, owner: { kind: 'merchant', id: merchantId }, kind: `merchant_${balance}`, currency };
}

export function channelReceivable(mode: Mode, channelConfigId: string, currency: string): Account {
  return { mode, owner: { kind: 'channel', id: channelConfigId }, kind: 'channel_receivable', currency };
}

type PlatformKind = {
  [Kind in AccountKind]: (typeof kinds)[Kind]['owner'] extends 'platform' ? Kind : never;
}[AccountKind];

export function platformAccount(mode: Mode, kind: PlatformKind, currency: string): Account {
  return { mode, owner: { kind: 'platform' }, kind, currency };
}

/** Debits less credits, as the account's owner reads it: what the platform owes a merchant is positive. */
export function balanceOnNormalSide(kind: AccountKind, debitsLessCredits: bigint): bigint {
  return accountKinds[kind].normal === 'debit' ? debitsLessCredits : -debitsLessCredits;
}
