import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from '../../support/properties';
import { adjustmentJournal } from '../../../domain/ledger/adjustment-journal';
import { balanceOnNormalSide, merchantAccount, type Account } from '../../../domain/ledger/account';
import {
  disputeHoldJournal,
  disputeLostJournal,
  disputeWonJournal,
} from '../../../domain/ledger/dispute-journals';
import { exchangeJournal, exchangeShareJournal } from '../../../domain/ledger/exchange-journal';
import type { Journal } from '../../../domain/ledger/journal';
import {
  captureJournal,
  channelCostJournal,
  feeJournal,
  refundHoldJournal,
  refundJournal,
  refundReleaseJournal,
  successJournal,
} from '../../../domain/ledger/payment-journals';
import {
  suspenseAcceptedJournal,
  suspenseInJournal,
  suspenseRefundedJournal,
} from '../../../domain/ledger/suspense-journals';

const effectiveAt = new Date('2026-01-02T03:04:05Z');
const head = { reference: 'pay_1-1', mode: 'test' as const, effectiveAt, workflowId: 'payment/1' };
const ids = { paymentId: 'p', merchantId: 'm', channelConfigId: 'c' };
const usd = (amount: bigint) => ({ amount, currency: 'USD' });
const twd = (amount: bigint) => ({ amount, currency: 'TWD' });
const charge = { ...head, ...ids, amount: usd(10_000n), fee: 320n, channelCost: 290n };
const refund = {
  ...head,
  ...ids,
  reference: 'ref_1',
  refundId: 'r',
  amount: usd(4_000n),
  from: 'pending' as const,
  feeReturned: 116n,
  channelCost: 30n,
};
const dispute = {
  ...head,
  ...ids,
  reference: 'dsp_1',
  disputeId: 'd',
  amount: usd(10_000n),
  from: 'pending' as const,
  channelFee: 1_500n,
};
const exchange = {
  ...head,
  paymentId: 'p',
  merchantId: 'm',
  balance: 'pending' as const,
  source: usd(10_000n),
  target: twd(3_118n),
  worth: twd(3_150n),
};

/** kind, owner and currency of each posting, and its amount: the journal as docs/ledger.md shows it. */
const lines = ({ postings }: Journal) =>
  postings.map(({ account, amount }) => `${account.kind} ${account.currency} ${amount}`);

const table: [string, Journal, string, string[]][] = [
  [
    'success',
    successJournal(charge),
    'pay_1-1',
    [
      'channel_receivable USD 10000',
      'merchant_pending USD -10000',
      'merchant_pending USD 320',
      'fee_income USD -320',
      'channel_cost USD 290',
      'channel_receivable USD -290',
    ],
  ],
  [
    'success',
    successJournal({ ...charge, fee: 0n, channelCost: undefined }),
    'pay_1-1',
    ['channel_receivable USD 10000', 'merchant_pending USD -10000'],
  ],
  [
    'capture',
    captureJournal({ ...charge, reference: 'pay_1-1:c2', amount: usd(500n) }),
    'pay_1-1:c2',
    [
      'channel_receivable USD 500',
      'merchant_pending USD -500',
      'merchant_pending USD 320',
      'fee_income USD -320',
      'channel_cost USD 290',
      'channel_receivable USD -290',
    ],
  ],
  [
    'fee',
    feeJournal({ ...head, merchantId: 'm', fee: usd(500n), from: 'available' }),
    'pay_1-1',
    ['merchant_available USD 500', 'fee_income USD -500'],
  ],
  [
    'channel_cost',
    channelCostJournal({ ...head, channelConfigId: 'c', cost: usd(30n), paymentId: 'p' }),
    'pay_1-1',
    ['channel_cost USD 30', 'channel_receivable USD -30'],
  ],
  [
    'refund_hold',
    refundHoldJournal(refund),
    'ref_1:hold',
    ['merchant_pending USD 4000', 'merchant_held USD -4000'],
  ],
  [
    'refund_hold',
    refundHoldJournal({ ...refund, feeSetAside: 116n }),
    'ref_1:hold',
    ['merchant_pending USD 3884', 'merchant_held USD -3884', 'fee_income USD 116', 'merchant_held USD -116'],
  ],
  [
    'refund_release',
    refundReleaseJournal({ ...refund, feeSetAside: 116n }),
    'ref_1:release',
    ['merchant_held USD 3884', 'merchant_pending USD -3884', 'merchant_held USD 116', 'fee_income USD -116'],
  ],
  [
    'exchange',
    exchangeShareJournal(
      { ...refund },
      { settleCurrency: 'TWD' },
      { source: 4_000n, target: 1_247n, worth: 1_260n },
      { step: 'hold', balance: 'available', sign: -1n },
    ),
    'ref_1:hold:fx',
    [
      'merchant_available USD -4000',
      'fx_clearing USD 4000',
      'fx_clearing TWD -1247',
      'merchant_available TWD 1247',
      'fx_clearing TWD -13',
      'fx_result TWD 13',
    ],
  ],
  [
    'refund',
    refundJournal(refund),
    'ref_1',
    [
      'merchant_held USD 4000',
      'channel_receivable USD -4000',
      'fee_income USD 116',
      'merchant_pending USD -116',
      'channel_cost USD 30',
      'channel_receivable USD -30',
    ],
  ],
  [
    'refund_release',
    refundReleaseJournal(refund),
    'ref_1:release',
    ['merchant_held USD 4000', 'merchant_pending USD -4000'],
  ],
  [
    'dispute_hold',
    disputeHoldJournal(dispute),
    'dsp_1:hold',
    ['merchant_pending USD 10000', 'merchant_held USD -10000'],
  ],
  [
    'dispute_won',
    disputeWonJournal(dispute),
    'dsp_1:won',
    ['merchant_held USD 10000', 'merchant_pending USD -10000'],
  ],
  [
    'dispute_lost',
    disputeLostJournal(dispute),
    'dsp_1:lost',
    [
      'merchant_held USD 10000',
      'channel_receivable USD -10000',
      'channel_cost USD 1500',
      'channel_receivable USD -1500',
    ],
  ],
  [
    'dispute_lost',
    disputeLostJournal({ ...dispute, feeBorneBy: 'merchant' }),
    'dsp_1:lost',
    [
      'merchant_held USD 10000',
      'channel_receivable USD -10000',
      'merchant_pending USD 1500',
      'channel_receivable USD -1500',
    ],
  ],
  [
    'dispute_lost',
    // The fee is never taken from available, which is guarded.
    disputeLostJournal({ ...dispute, from: 'available', fee: 2_000n }),
    'dsp_1:lost',
    [
      'merchant_held USD 10000',
      'channel_receivable USD -10000',
      'channel_cost USD 1500',
      'channel_receivable USD -1500',
      'merchant_pending USD 2000',
      'fee_income USD -2000',
    ],
  ],
  [
    'exchange',
    exchangeJournal(exchange),
    'pay_1-1:fx',
    [
      'merchant_pending USD 10000',
      'fx_clearing USD -10000',
      'fx_clearing TWD 3118',
      'merchant_pending TWD -3118',
      'fx_clearing TWD 32',
      'fx_result TWD -32',
    ],
  ],
  [
    'suspense_in',
    suspenseInJournal(charge),
    'pay_1-1',
    ['channel_receivable USD 10000', 'suspense USD -10000'],
  ],
  [
    'suspense_accepted',
    suspenseAcceptedJournal(charge),
    'pay_1-1:accepted',
    [
      'suspense USD 10000',
      'merchant_pending USD -10000',
      'merchant_pending USD 320',
      'fee_income USD -320',
      'channel_cost USD 290',
      'channel_receivable USD -290',
    ],
  ],
  [
    'suspense_refunded',
    suspenseRefundedJournal({ ...charge, channelCost: 0n }),
    'pay_1-1:returned',
    ['suspense USD 10000', 'channel_receivable USD -10000'],
  ],
];

test.each(table)('%s', (kind, made, reference, expected) => {
  expect(made.kind).toBe(kind);
  expect(made.reference).toBe(reference);
  expect(made.links.workflowId).toBe('payment/1');
  expect(lines(made)).toEqual(expected);
});

test('every journal sums to zero in each currency, whatever the amounts', () => {
  const amount = fc.bigInt({ min: 1n, max: 10n ** 30n });
  const part = fc.bigInt({ min: 0n, max: 10n ** 29n });
  fc.assert(
    fc.property(amount, part, part, amount, (whole, fee, channelCost, worth) => {
      const amounts = { amount: usd(whole), fee, channelCost, feeReturned: fee, channelFee: channelCost };
      const made = [
        successJournal({ ...charge, ...amounts }),
        refundHoldJournal({ ...refund, ...amounts }),
        refundJournal({ ...refund, ...amounts }),
        disputeLostJournal({ ...dispute, ...amounts }),
        suspenseAcceptedJournal({ ...charge, ...amounts }),
        exchangeJournal({ ...exchange, source: usd(whole), target: twd(fee), worth: twd(worth) }),
      ];
      for (const { postings } of made) {
        const sums = new Map<string, bigint>();
        for (const { account, amount: posted } of postings) {
          sums.set(account.currency, (sums.get(account.currency) ?? 0n) + posted);
        }
        expect([...sums.values()].every((sum) => sum === 0n)).toBe(true);
      }
    }),
  );
});

test('nobody but a correction names the adjustments account', () => {
  const root = path.join(__dirname, '..', '..', '..');
  const naming = ['activities', 'api', 'db', 'domain', 'integrations', 'workers', 'workflows'].flatMap(
    (room) =>
      readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })
        .map((file) => path.join(room, file))
        .filter((file) => file.endsWith('.ts'))
        .filter((file) =>
          /platformAccount\([^)]*'adjustments'/.test(readFileSync(path.join(root, file), 'utf8')),
        ),
  );
  expect(naming).toEqual(['domain/ledger/adjustment-journal.ts']);
  expect(table.filter(([, made]) => lines(made).some((line) => line.startsWith('adjustments')))).toEqual([]);
});

test('a loss on an exchange is a debit of the result', () => {
  expect(lines(exchangeJournal({ ...exchange, worth: twd(3_000n) })).slice(-2)).toEqual([
    'fx_clearing TWD -118',
    'fx_result TWD 118',
  ]);
});

test('an exchange needs two currencies, and a worth in the target', () => {
  expect(() => exchangeJournal({ ...exchange, worth: usd(1n) })).toThrow('Cannot combine USD with TWD');
  expect(() => exchangeJournal({ ...exchange, target: usd(1n), worth: usd(1n) })).toThrow(
    'Nothing to exchange',
  );
});

describe('an adjustment', () => {
  const account: Account = merchantAccount('test', 'm', 'available', 'USD');
  const asked = {
    ...head,
    reference: 'adj_1',
    account,
    amount: -500n,
    reason: 'goodwill',
    requestedBy: 'ann',
    approvedBy: 'bob',
  };

  test('carries its reason and who approved it', () => {
    const made = adjustmentJournal(asked);
    if (!made.ok) throw new Error(made.reason);
    expect(lines(made.journal)).toEqual(['merchant_available USD -500', 'adjustments USD 500']);
    expect(made.journal).toMatchObject({ reason: 'goodwill (asked for by ann)', approvedBy: 'bob' });
  });

  test.each([
    [{ reason: '  ' }, 'reason_missing'],
    [{ approvedBy: 'ann' }, 'own_approval'],
    [{ approvedBy: '' }, 'own_approval'],
    [{ amount: 0n }, 'nothing_to_adjust'],
  ])('is refused with %p', (over, reason) => {
    expect(adjustmentJournal({ ...asked, ...over })).toEqual({ ok: false, reason });
  });
});

test('a balance is read on its normal side', () => {
  expect(balanceOnNormalSide('merchant_pending', -9_680n)).toBe(9_680n);
  expect(balanceOnNormalSide('channel_receivable', 9_710n)).toBe(9_710n);
});
