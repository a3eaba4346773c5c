import fc from '../../support/properties';
import {
  disputeSteps,
  isDisputeOver,
  nextMoment,
  statusAfterDispute,
  type DisputeStatus,
} from '../../../domain/dispute/status';
import { refusalOfEvidence } from '../../../domain/dispute/evidence';
import { mayBecome } from '../../../domain/payment/status';

const states = ['opened', 'won', 'lost'] as const;

function play(news: readonly (typeof states)[number][]): DisputeStatus[] {
  const path: DisputeStatus[] = [];
  for (const state of news) path.push(...disputeSteps(path.at(-1), { state }));
  return path;
}

it('moves forward only: opened once, ended at most once, by the first end that is told', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), { minLength: 1, maxLength: 12 }), (news) => {
      const path = play(news);
      const end = news.find((state) => state !== 'opened');
      expect(path).toEqual(end === undefined ? ['needs_response'] : ['needs_response', end]);
    }),
  );
});

it('may end from under review as well', () => {
  expect(disputeSteps('under_review', { state: 'lost' })).toEqual(['lost']);
  expect(disputeSteps('under_review', { state: 'opened' })).toEqual([]);
});

it('the payment is again what its refunds make it, and may become that', () => {
  const cases = [
    [100n, 0n, 'succeeded'],
    [100n, 1n, 'partially_refunded'],
    [100n, 100n, 'refunded'],
  ] as const;
  for (const [captured, refunded, expected] of cases) {
    expect(statusAfterDispute({ captured, refunded })).toBe(expected);
    expect(mayBecome('disputed', expected)).toBe(true);
  }
});

describe('the clock', () => {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const evidenceDueAt = new Date('2026-01-08T00:00:00Z');
  const open = { status: 'needs_response' as DisputeStatus, createdAt, evidenceDueAt, isReminded: false };
  const day = 86_400_000;

  it('reminds once, then ends the time for evidence', () => {
    expect(nextMoment(open, day)).toEqual({ at: new Date('2026-01-07T00:00:00Z'), what: 'remind' });
    expect(nextMoment({ ...open, isReminded: true }, day)).toEqual({ at: evidenceDueAt, what: 'deadline' });
  });

  it('does not remind of a deadline that was near from the beginning', () => {
    expect(nextMoment(open, 8 * day)).toEqual({ at: evidenceDueAt, what: 'deadline' });
  });

  it('stands still when the bank decides, and where there is no deadline', () => {
    for (const status of ['under_review', 'won', 'lost'] as const) {
      expect(nextMoment({ ...open, status }, day)).toBeUndefined();
    }
    expect(nextMoment({ ...open, evidenceDueAt: undefined }, day)).toBeUndefined();
  });
});

it('evidence is taken until the deadline, also while the bank is looking, and not after the end', () => {
  const evidenceDueAt = new Date('2026-01-08T00:00:00Z');
  const before = new Date('2026-01-07T23:59:59Z');
  for (const status of ['needs_response', 'under_review', 'won', 'lost'] as const) {
    const expected = isDisputeOver(status) ? 'dispute_closed' : undefined;
    expect(refusalOfEvidence({ status, evidenceDueAt }, before)).toBe(expected);
    expect(refusalOfEvidence({ status, evidenceDueAt }, evidenceDueAt)).toBe(expected ?? 'evidence_too_late');
    expect(refusalOfEvidence({ status }, evidenceDueAt)).toBe(expected);
  }
});
