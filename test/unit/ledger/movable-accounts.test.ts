import { readdirSync } from 'node:fs';
import path from 'node:path';
import { accountKindNames, platformAccount } from '../../../domain/ledger/account';
import { adjustmentJournal } from '../../../domain/ledger/adjustment-journal';
import * as ofDisputes from '../../../domain/ledger/dispute-journals';
import * as ofExchanges from '../../../domain/ledger/exchange-journal';
import type { Journal } from '../../../domain/ledger/journal';
import { bookedAs, movableAccounts } from '../../../domain/ledger/movable-accounts';
import * as ofPayments from '../../../domain/ledger/payment-journals';
import * as ofSuspense from '../../../domain/ledger/suspense-journals';

const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const twd = (amount: bigint) => ({ amount, currency: 'TWD' });
const head = { reference: 'x', mode: 'test' as const, effectiveAt: new Date('2026-01-02T03:04:05Z') };
const ids = { paymentId: 'p', merchantId: 'm', channelConfigId: 'c', refundId: 'r', disputeId: 'd' };
const charge = { ...head, ...ids, amount: usd(10_000n), fee: 320n, channelCost: 290n };
const froms = ['pending', 'available'] as const;

const { successJournal, captureJournal, feeJournal, channelCostJournal } = ofPayments;
const { refundHoldJournal, refundReleaseJournal, refundJournal } = ofPayments;
const { suspenseInJournal, suspenseAcceptedJournal, suspenseRefundedJournal } = ofSuspense;
const { disputeHoldJournal, disputeWonJournal, disputeLostJournal } = ofDisputes;
const { disputeLostElsewhereJournal, disputeMadeUpJournal } = ofDisputes;
const { exchangeJournal, exchangeShareJournal } = ofExchanges;

const refund = {
  ...head,
  ...ids,
  amount: usd(4_000n),
  feeSetAside: 116n,
  feeReturned: 116n,
  channelCost: 30n,
};
const dispute = { ...head, ...ids, amount: usd(4_000n), channelFee: 1_500n, fee: 2_000n };
const exchange = { ...head, ...ids, source: usd(10_000n), target: twd(3_118n) };
const share = { source: 4_000n, target: 1_247n, worth: 1_260n };

/** Every function that makes journals, with all that it can be told to move. */
const made: Record<string, Journal[]> = {
  successJournal: [successJournal(charge)],
  captureJournal: [captureJournal(charge)],
  feeJournal: froms.map((from) => feeJournal({ ...head, ...ids, fee: usd(5n), from })),
  channelCostJournal: [channelCostJournal({ ...head, ...ids, cost: usd(5n) })],
  refundHoldJournal: froms.map((from) => refundHoldJournal({ ...refund, from })),
  refundReleaseJournal: froms.map((from) => refundReleaseJournal({ ...refund, from })),
  refundJournal: froms.map((from) => refundJournal({ ...refund, from })),
  suspenseInJournal: [suspenseInJournal(charge)],
  suspenseAcceptedJournal: [suspenseAcceptedJournal(charge)],
  suspenseRefundedJournal: [suspenseRefundedJournal(charge)],
  disputeHoldJournal: froms.map((from) => disputeHoldJournal({ ...dispute, from })),
  disputeWonJournal: froms.map((from) => disputeWonJournal({ ...dispute, from })),
  disputeLostJournal: froms.flatMap((from) => [
    disputeLostJournal({ ...dispute, from }),
    disputeLostJournal({ ...dispute, from, feeBorneBy: 'merchant' }),
  ]),
  disputeLostElsewhereJournal: [disputeLostElsewhereJournal(dispute, 3_000n)],
  disputeMadeUpJournal: [disputeMadeUpJournal(dispute)],
  exchangeJournal: froms.flatMap((balance) => [
    exchangeJournal({ ...exchange, balance, worth: twd(3_150n) }),
    exchangeJournal({ ...exchange, balance, worth: twd(3_000n) }),
  ]),
  exchangeShareJournal: froms.flatMap((balance) =>
    ([1n, -1n] as const).map((sign) =>
      exchangeShareJournal(charge, { settleCurrency: 'TWD' }, share, { step: 'hold', balance, sign }),
    ),
  ),
  adjustmentJournal: accountKindNames
    .filter((kind) => kind !== 'adjustments')
    .flatMap((kind) => [5n, -5n].map((amount) => corrected(kind, amount))),
};

function corrected(kind: (typeof accountKindNames)[number], amount: bigint): Journal {
  const account = { ...platformAccount('test', 'bank', 'USD'), kind };
  const people = { reason: 'counted', requestedBy: 'ann', approvedBy: 'ben' };
  const booked = adjustmentJournal({ ...head, ...people, account, amount });
  if (!booked.ok) throw new Error(booked.reason);
  return booked.journal;
}

const sideOf = (amount: bigint) => (amount > 0n ? 'debit' : 'credit');
const linesOf = (journal: Journal) =>
  journal.postings.map(({ account, amount }) => ({ of: bookedAs(journal), kind: account.kind, amount }));

test('every function that makes a journal is held against the table here', () => {
  const modules = { ...ofPayments, ...ofSuspense, ...ofDisputes, ...ofExchanges, adjustmentJournal };
  expect(Object.keys(made).sort()).toEqual(Object.keys(modules).sort());
  const files = readdirSync(path.join(__dirname, '..', '..', '..', 'domain', 'ledger'));
  expect(files.filter((file) => file.endsWith('-journals.ts') || file.endsWith('-journal.ts'))).toHaveLength(
    5,
  );
});

test.each(Object.entries(made))('what %s moves may be moved', (_name, journals) => {
  const odd = journals.flatMap(linesOf).filter(({ of, kind, amount }) => {
    const side = movableAccounts[of][kind];
    return side !== 'either' && side !== sideOf(amount);
  });
  expect(odd).toEqual([]);
});

test('nothing may be moved that no journal moves', () => {
  const moved = new Set(
    Object.values(made)
      .flat()
      .flatMap(linesOf)
      .map(({ of, kind, amount }) => `${of} ${kind} ${sideOf(amount)}`),
  );
  const movable = Object.entries(movableAccounts).flatMap(([of, accounts]) =>
    Object.entries(accounts).flatMap(([kind, side]) =>
      (side === 'either' ? ['debit', 'credit'] : [side]).map((one) => `${of} ${kind} ${one}`),
    ),
  );
  expect([...moved].sort()).toEqual(movable.sort());
});
