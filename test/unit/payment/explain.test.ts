import type { MoneyBeside } from '../../../domain/payment/explain-money';
import { explain, type Explained } from '../../../domain/payment/explain';
import { LedgerRefusal, refusalCodes, type RefusalCode } from '../../../domain/ledger/refusal';
import type { ExplainedDispute } from '../../../domain/payment/explain-dispute';
import type { StuckStep } from '../../../domain/payment/explain-stuck';

const dueAt = '2026-11-30T00:00:00.000Z';
const payment = (over: Partial<Explained>): Explained => ({
  status: 'expired',
  channel: 'kpay',
  attemptStatus: 'expired',
  expiresAt: '2026-11-21T00:00:00.000Z',
  attemptNo: 1,
  ...over,
});
const disputed = (over: Partial<ExplainedDispute>) =>
  explain(
    payment({
      status: 'disputed',
      attemptStatus: 'succeeded',
      dispute: {
        ...{ id: 'dsp_1', channel: 'kpay', status: 'needs_response', amount: '100.50 USD' },
        ...{ reasonCode: 'fraudulent', isEvidenceInDoubt: false, isReminded: false, evidenceDueAt: dueAt },
        ...over,
      },
    }),
  );

test('what has ended waits for nothing, unless its charge is still open at the channel', () => {
  expect(explain(payment({})).next).toEqual([]);
  for (const attemptStatus of ['action_required', 'processing', 'authorized']) {
    expect(explain(payment({ attemptStatus })).next).toEqual([
      {
        what: 'kpay is asked until its charge is over; what is paid there now is held in suspense.',
        by: null,
      },
    ]);
  }
});

test('what the channel works on does not expire at its time, and says so', () => {
  const atWork = { status: 'processing', attemptStatus: 'processing' } as const;
  const soon = '2026-11-20T00:00:00.000Z';
  const { why, next } = explain(payment({ ...atWork, wakeAt: soon }));
  expect(why).toMatch(/as kpay said last; it has still to say how that ended/);
  const lastly = new Date(Date.parse(payment({}).expiresAt) + 30 * 86_400_000).toISOString();
  expect(next.map(({ by }) => by)).toEqual([soon, payment({}).expiresAt, lastly]);
  expect(next[1]?.what).toMatch(/stays open until kpay says how it ended/);
  expect(explain(payment({ ...atWork, wakeAt: dueAt })).next.map(({ by }) => by)).toEqual([dueAt, lastly]);
});

test.each<[string, Partial<ExplainedDispute>, RegExp, (string | null)[]]>([
  [
    'new',
    { wakeAt: '2026-11-29T00:00:00.000Z' },
    /disputes it at the bank: 100\.50 USD \(fraudulent\); no evidence has been sent\.$/,
    [dueAt, '2026-11-29T00:00:00.000Z', dueAt, null],
  ],
  ['reminded of', { isReminded: true, wakeAt: dueAt }, /no evidence/, [dueAt, dueAt, null]],
  ['without a deadline', { evidenceDueAt: undefined }, /no evidence/, [null, null]],
  ['before the bank', { status: 'under_review' }, /the bank is looking/, [null]],
  [
    'lost',
    { status: 'lost' },
    /given the money back to the customer: 100\.50 USD \(fraudulent\)\. It stays disputed\.$/,
    [],
  ],
])('a dispute that is %s', (_what, over, why, moments) => {
  const told = disputed(over);
  expect(told.why).toMatch(why);
  expect(told.next.map(({ by }) => by)).toEqual(moments);
});

test('evidence that the channel has not confirmed is not told as never sent', () => {
  const { why, next } = disputed({ isEvidenceInDoubt: true });
  expect(why).toMatch(/; evidence has been sent, and kpay has not said whether it has it\.$/);
  expect(next.map(({ what }) => what)).toEqual([
    'kpay is asked until it says whether it has the evidence.',
    ...disputed({}).next.map(({ what }) => what),
  ]);
  expect(disputed({ isEvidenceInDoubt: true, status: 'under_review' }).next).toHaveLength(2);
});

test('a disputed payment whose dispute is not known is still explained', () => {
  const told = explain(payment({ status: 'disputed', attemptStatus: 'succeeded' }));
  expect(told).toEqual({ why: 'It was paid, and the customer disputes it at the bank.', next: [] });
});

const refused = (code: string): StuckStep => ({
  ...{ step: 'recordNews', error: 'LedgerRefusal', tries: 3, nextTryAt: dueAt },
  message: new LedgerRefusal(code as RefusalCode, 'pay_1-1: {5,-5} on {a,b}').message,
});
const waiting = { status: 'requires_action', attemptStatus: 'action_required' } as const;

test.each(refusalCodes)('a journal refused as %s: what an operator is to do, and the next try', (code) => {
  const { why, next } = explain(payment({ ...waiting, stuck: refused(code) }));
  expect(why).toContain(`kpay has confirmed that money was moved`);
  expect(why).toContain(`failed 3 times, last with LedgerRefusal: The ledger refuses: ${code} (pay_1-1`);
  expect(next.map(({ by }) => by)).toEqual([null, dueAt]);
  expect(next[0]?.what).toMatch(/refused-journal\.md/);
});

test('a closed account and a wrong build want different things of an operator', () => {
  const remedy = (code: string) => explain(payment({ ...waiting, stuck: refused(code) })).next[0]?.what;
  expect(remedy('closed_account')).toMatch(/opens the closed account/);
  expect(remedy('mixed_modes')).toMatch(/the build before/);
});

const asking: StuckStep = { step: 'closeCharge', error: 'AnswerUnknown', message: 'no answer', tries: 1 };

test('a step that fails takes the place of the customer; being in doubt is told as before, with the next try', () => {
  expect(explain(payment({ ...waiting, stuck: asking }))).toEqual({
    why: 'It can not go on: step closeCharge has failed once, last with AnswerUnknown: no answer.',
    next: [{ what: expect.stringMatching(/^It is tried again: step closeCharge/) as string, by: null }],
  });
  const doubt = explain(payment({ status: 'unknown', attemptStatus: 'unknown', stuck: asking }));
  expect(doubt.why).toMatch(/^kpay did not say what became of our call/);
  expect(doubt.next).toHaveLength(2);
});

test('what an ended payment has not finished is told after it, and does not change why it ended', () => {
  const event = { kind: 'event', channel: 'kpay', at: dueAt, says: 'succeeded' } as const;
  const { why, next } = explain(
    payment({
      status: 'succeeded',
      unfinished: [
        { ...event, stuck: refused('closed_account') },
        { kind: 'refund', id: 'ref_1', status: 'processing', channel: 'kpay' },
        { kind: 'refund', id: 'ref_2', status: 'pending' },
        { kind: 'refund', id: 'ref_3', status: 'unknown', channel: 'kpay', message: 'Nobody knows.' },
        { kind: 'refund', id: 'ref_4', status: 'pending', channel: 'kpay', waitsFor: 'ref_3' },
      ],
    }),
  );
  expect(why).toBe('kpay confirmed that the money was charged.');
  expect(next.map(({ what }) => what.slice(0, 35))).toEqual([
    'An operator opens the closed accoun',
    `What kpay told at ${dueAt}`.slice(0, 35),
    'Refund ref_1 is with kpay, which is asked until it says how it ended.'.slice(0, 35),
    'Refund ref_2 waits until money of the payment is captured'.slice(0, 35),
    'Refund ref_3 may have reached kpay, which is asked'.slice(0, 35),
    'Refund ref_4 waits until refund ref_3'.slice(0, 35),
  ]);
  expect(next.at(-2)?.what).toContain('(Nobody knows.)');
});

test('a dispute that came before its charge was seen waits for that, and does not hide what comes next', () => {
  const dispute = { kind: 'event', channel: 'kpay', at: dueAt, says: 'dispute opened' } as const;
  const plain = explain(payment(waiting));
  const { why, next } = explain(payment({ ...waiting, unfinished: [{ ...dispute, isOfDispute: true }] }));
  expect(why).toBe(`kpay told at ${dueAt}: dispute opened. That has not been written down yet.`);
  expect(next.slice(0, -1)).toEqual(plain.next);
  expect(next.at(-1)?.what).toBe(
    `What kpay told at ${dueAt} (dispute opened) is brought to its workflow again until it is applied.`,
  );
});

test('money in suspense waits for what was decided', () => {
  const held = { kind: 'suspense', id: 'sus_1', amount: '100.50 USD' } as const;
  const nexts = (unfinished: Explained['unfinished']) =>
    explain(payment({ unfinished })).next.map(({ what }) => what);
  expect(nexts([{ ...held, decision: 'ask' }])).toEqual([
    'Money in suspense (100.50 USD) waits for an operator, who gives it back or lets the merchant have it (POST /admin/suspense/sus_1/decide).',
  ]);
  expect(nexts([{ ...held, decision: 'refund' }])[0]).toMatch(/is given back to the customer\.$/);
  expect(nexts([{ ...held, decision: 'accept' }])[0]).toMatch(/is booked for the merchant\.$/);
});

describe('a dispute that runs', () => {
  const dispute: ExplainedDispute = {
    ...{ id: 'dsp_1', channel: 'kpay', status: 'needs_response', amount: '30.00 USD' },
    ...{ reasonCode: 'fraudulent', isEvidenceInDoubt: false, isReminded: true, evidenceDueAt: dueAt },
  };
  const running = { kind: 'dispute', ...dispute } as const;

  test('of late money is told beside its payment, which is not disputed', () => {
    const { next } = explain(payment({ status: 'cancelled', unfinished: [running] }));
    expect(next).toEqual([
      { what: 'Dispute dsp_1: The merchant sends evidence (POST /disputes/dsp_1/evidence).', by: dueAt },
      {
        what: 'Dispute dsp_1: The time for evidence is over: the bank decides by what it has.',
        by: dueAt,
      },
      { what: 'Dispute dsp_1: The bank decides about 30.00 USD, and kpay tells us.', by: null },
    ]);
  });

  test('of what is captured while more may be is told in the why, too', () => {
    const authorized = { status: 'authorized', attemptStatus: 'authorized', unfinished: [running] } as const;
    const { why, next } = explain(payment({ ...authorized, dispute }));
    expect(why).toBe(
      'kpay has reserved the money; it has not all been captured. The customer disputes at the bank what was captured: 30.00 USD (fraudulent); no evidence has been sent.',
    );
    expect(next[0]?.what).toMatch(/captures it, wholly or in part/);
    expect(next.at(-1)?.what).toBe('Dispute dsp_1: The bank decides about 30.00 USD, and kpay tells us.');
    const lost = explain(payment({ ...authorized, dispute: { ...dispute, status: 'lost' }, unfinished: [] }));
    expect(lost.why).toMatch(/\(fraudulent\); the bank has decided for the customer\.$/);
    expect(lost.next).toHaveLength(2);
  });

  test('is told once where the payment’s status tells of it, and another beside it too', () => {
    const status = { status: 'disputed', attemptStatus: 'succeeded', dispute } as const;
    expect(explain(payment({ ...status, unfinished: [running] })).next).toEqual(
      explain(payment(status)).next,
    );
    const other = { ...running, id: 'dsp_2', status: 'under_review' } as const;
    const { next } = explain(payment({ ...status, unfinished: [running, other] }));
    expect(next.at(-1)).toEqual({
      what: 'Dispute dsp_2: The bank decides about 30.00 USD, and kpay tells us.',
      by: null,
    });
  });

  test('tells what it can not get past', () => {
    const { next } = explain(payment({ unfinished: [{ ...running, stuck: asking }] }));
    expect(next[0]?.what).toMatch(/^Dispute dsp_1 is tried again: step closeCharge has failed once/);
  });
});

test.each<[MoneyBeside, string]>([
  [{ amount: '5.00 USD', place: 'suspense' }, 'it is held in suspense'],
  [{ amount: '5.00 USD', place: 'accepted' }, 'it was booked for the merchant'],
  [{ amount: '5.00 USD', place: 'accepted', dispute: 'won' }, 'it was booked for the merchant'],
  [
    { amount: '5.00 USD', place: 'accepted', dispute: 'under_review' },
    'it was booked for the merchant, and the customer disputes it at the bank',
  ],
  [
    { amount: '5.00 USD', place: 'accepted', dispute: 'lost' },
    'it was booked for the merchant, and the bank has given disputed money back to the customer',
  ],
  [
    { amount: '5.00 USD', place: 'accepted', givenBack: '2.00 USD' },
    'it was booked for the merchant, and 2.00 USD of that was given back to the customer',
  ],
  [
    { amount: '5.00 USD', place: 'accepted', givenBack: '2.00 USD', dispute: 'needs_response' },
    'it was booked for the merchant, 2.00 USD of that was given back to the customer, and the customer disputes it at the bank',
  ],
  [{ amount: '5.00 USD', place: 'given_back' }, 'it was given back to the customer'],
  [
    { amount: '5.00 USD', place: 'suspense', lost: { amount: '2.00 USD', rest: '3.00 USD' } },
    'a lost dispute has taken 2.00 USD of it out of suspense, and the rest, 3.00 USD, is held in suspense',
  ],
  [
    { amount: '5.00 USD', place: 'accepted', lost: { amount: '2.00 USD', rest: '3.00 USD' } },
    'a lost dispute has taken 2.00 USD of it out of suspense, and the rest, 3.00 USD, was booked for the merchant',
  ],
  [{ amount: '5.00 USD', place: 'lost', dispute: 'lost' }, 'a lost dispute has taken it out of suspense'],
])('why a payment ended is told with money that came all the same: %j', (money, where) => {
  const { why } = explain(payment({ status: 'cancelled', moneyBeside: [money] }));
  expect(why).toBe(`It ended as cancelled. 5.00 USD came all the same: ${where}.`);
});
