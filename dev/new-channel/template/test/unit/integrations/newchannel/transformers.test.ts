import type { ChargeStatus, RefundStatus } from '../../../../../../../domain/payment/outcome';
import type { CallOutcome } from '../../../../../../../integrations/call-outcome';
import { refundOutcome, refundStatus } from '../../../../integrations/channels/newchannel/refunds';
import { chargeOutcome, chargeStatus } from '../../../../integrations/channels/newchannel/transformers';

const reference = 'pay_0193c1f27a5e7c3e9d1b5a0c2f4e6d8b-1';
const asked = { chargeReference: reference, reference: 'ref_1' };

/** To change: a charge and a refund as docs/channels/newchannel.md shows them. */
const charge = (status: string, changes: object = {}) => ({ reference, status, ...changes });
const refund = (status: string, changes: object = {}) => ({ reference: 'ref_1', status, ...changes });

const ok = (value: unknown): CallOutcome<unknown> => ({ kind: 'ok', status: 200, value });
const refused = (code: string): CallOutcome<unknown> => ({
  kind: 'declined',
  status: 400,
  code,
  value: null,
});
const lost: CallOutcome<unknown> = { kind: 'unknown', code: 'timeout', message: '' };
const busy: CallOutcome<unknown> = { kind: 'retryable', code: 'channel_busy', message: '' };

const of = (kind: string) => expect.objectContaining({ kind }) as unknown;

describe('a charge of NewChannel', () => {
  // To change: its own words, all of them.
  it.each<[string, ChargeStatus['kind']]>([
    ['its word for open', 'open'],
    ['its word for paid', 'succeeded'],
    ['its word for declined', 'declined'],
    ['its word for closed', 'cancelled'],
    ['a word of next year', 'unknown'],
  ])('with the status "%s" is %s', (status, kind) => {
    expect(chargeStatus(reference, ok(charge(status)))).toEqual(of(kind));
  });

  it('of another reference is unknown', () => {
    const other = charge('its word for paid', { reference: 'pay_2-1' });
    expect(chargeStatus(reference, ok(other))).toEqual(of('unknown'));
  });

  // To change: a row for each code of the page.
  it.each<[string, string]>([
    ['its code for an amount that it does not take', 'unavailable'],
    ['a code of next year', 'unknown'],
  ])('that is refused with "%s" is %s', (code, kind) => {
    expect(chargeOutcome(reference, refused(code))).toEqual(of(kind));
  });

  it('that nobody answered for is unknown, and one that was never sent is unavailable', () => {
    expect(chargeOutcome(reference, lost)).toEqual(of('unknown'));
    expect(chargeOutcome(reference, busy)).toEqual(of('unavailable'));
  });

  it('that was asked for in vain is unknown, unless NewChannel says that there is none', () => {
    for (const failure of [lost, busy, refused('a code of next year')]) {
      expect(chargeStatus(reference, failure)).toEqual(of('unknown'));
    }
    expect(chargeStatus(reference, refused('its code for no such charge'))).toEqual(of('not_found'));
  });
});

describe('a refund of NewChannel', () => {
  it.each<[string, RefundStatus['kind']]>([
    ['its word for pending', 'pending'],
    ['its word for done', 'succeeded'],
    ['its word for failed', 'declined'],
    ['a word of next year', 'unknown'],
  ])('with the status "%s" is %s', (status, kind) => {
    expect(refundStatus(asked, ok(refund(status)))).toEqual(of(kind));
  });

  it.each<[string, string]>([
    ['its code for more than was paid', 'declined'],
    ['a code of next year', 'unknown'],
  ])('that is refused with "%s" is %s', (code, kind) => {
    expect(refundOutcome(asked, refused(code))).toEqual(of(kind));
  });

  it('that nobody answered for is unknown, and one that was never sent is unavailable', () => {
    expect(refundOutcome(asked, lost)).toEqual(of('unknown'));
    expect(refundOutcome(asked, busy)).toEqual(of('unavailable'));
  });

  it('that was asked for in vain is unknown, unless NewChannel says that there is none', () => {
    for (const failure of [lost, busy, refused('a code of next year')]) {
      expect(refundStatus(asked, failure)).toEqual(of('unknown'));
    }
    expect(refundStatus(asked, refused('its code for no such refund'))).toEqual(of('not_found'));
  });
});
