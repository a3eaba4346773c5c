import type { ChargeStatus } from '../../../domain/payment/outcome';
import { startPaymentStage, type PaymentStage, type StagedPayment } from '../../support/payment-stage';
import { numberOf, scriptedChannel } from '../../support/scripted-channel';
import { until } from '../../support/until';

const channel = scriptedChannel();
let stage: PaymentStage;
beforeAll(async () => {
  stage = await startPaymentStage(channel);
});
afterAll(() => stage?.stop());
beforeEach(() => (channel.capabilities.declineEnds = false));
afterEach(() => (channel.before = () => undefined));

const cancelled: ChargeStatus = { kind: 'cancelled' };
const declined: ChargeStatus = { kind: 'declined', error: { code: 'card_declined', message: 'Declined.' } };
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function held(payment: StagedPayment): ChargeStatus {
  const providerRef = numberOf(payment.reference(1));
  return { kind: 'authorized', charge: { providerRef, amountMinor: '10000', currency: 'USD' } };
}

const manual = (options: Parameters<PaymentStage['start']>[0] = {}) =>
  stage.start({ capture: 'manual', ...options });

const settled = (payment: StagedPayment, inboxId: string) =>
  until('the news is settled', async () => (await payment.inbox(inboxId)) !== 'received');

/** The customer reserves, and our call gives that back; the channel tells of the one and answers the other later. */
function closedAsReserved(payment: StagedPayment, tell: () => Promise<unknown>): void {
  channel.before = async (kind, reference) => {
    if (kind !== 'cancel' || reference !== payment.reference(1)) return;
    channel.before = () => undefined;
    channel.charges.set(reference, cancelled);
    await tell();
    await later(500);
  };
}

describe('what our own closing gave back is not reserved:', () => {
  const tellsOfIt = (payment: StagedPayment) =>
    closedAsReserved(payment, () => payment.tell(1, held(payment)));

  test('the payment expires', async () => {
    const payment = await manual({ expiresInMs: 1_500 });
    tellsOfIt(payment);
    expect(await payment.waitFor('expired')).toMatchObject({ lastError: { code: 'expired' } });
    await payment.handle.result();
    expect(await payment.attempts()).toEqual(['expired']);
    expect(await payment.states()).not.toContain('authorized');
  });

  test('another attempt follows', async () => {
    const payment = await manual();
    tellsOfIt(payment);
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2, status: 'requires_action' });
    expect(await payment.attempts()).toEqual(['cancelled', 'action_required']);
    expect(await payment.states()).not.toContain('authorized');
  });

  test('the payment is cancelled by who asked', async () => {
    const payment = await manual();
    tellsOfIt(payment);
    expect(await payment.ask({ kind: 'cancel', reason: '' })).toMatchObject({
      status: 'cancelled',
      lastError: { code: 'cancelled' },
    });
    await payment.handle.result();
    expect(await payment.states()).not.toContain('authorized');
  });

  test('also where other news came before our call was answered', async () => {
    const payment = await manual();
    let inboxId = '';
    closedAsReserved(payment, async () => {
      await payment.tell(1, { kind: 'open' });
      inboxId = await payment.tell(1, held(payment));
    });
    expect(await payment.ask({ kind: 'attempt' })).toMatchObject({ attemptNo: 2 });
    await settled(payment, inboxId);
    expect(await payment.states()).not.toContain('authorized');
  });
});

test('a channel that does not close what is reserved is believed, at its time too', async () => {
  channel.capabilities.cancel = 'none';
  try {
    const payment = await manual({ expiresInMs: 1_500 });
    channel.before = async (kind, reference) => {
      if (kind !== 'query' || reference !== payment.reference(1)) return;
      channel.before = () => undefined;
      channel.charges.set(reference, held(payment));
      await payment.tell(1, held(payment));
      await later(300);
    };
    await payment.waitFor('authorized');
  } finally {
    channel.capabilities.cancel = 'all';
  }
});

describe('of an attempt that has ended the channel is asked whether it is reserved:', () => {
  async function ended(status: ChargeStatus): Promise<StagedPayment> {
    const payment = await manual();
    channel.charges.set(payment.reference(1), status);
    await payment.tell(1, status);
    await until('it has ended', async () => (await payment.attempts())[0] === status.kind);
    return payment;
  }

  test('it was cancelled after that', async () => {
    const payment = await ended(cancelled);
    const inboxId = await payment.tell(1, held(payment));
    await settled(payment, inboxId);
    expect(await payment.state()).toMatchObject({ status: 'requires_action' });
    expect(await payment.attempts()).toEqual(['cancelled']);
  });

  test('the customer has tried again after the decline', async () => {
    const payment = await ended(declined);
    channel.charges.set(payment.reference(1), held(payment));
    await payment.tell(1, held(payment));
    await payment.waitFor('authorized');
  });

  test('a look that is not as far yet does not outweigh it', async () => {
    const payment = await ended(declined);
    channel.charges.set(payment.reference(1), { kind: 'open' });
    await payment.tell(1, held(payment));
    await payment.waitFor('authorized');
  });

  test('while the channel does not say, the event is kept for later', async () => {
    const payment = await ended(declined);
    channel.charges.set(payment.reference(1), held(payment));
    let looks = 0;
    channel.before = (kind) => {
      if (kind !== 'query') return;
      looks += 1;
      throw new Error('away');
    };
    const inboxId = await payment.tell(1, held(payment));
    await until('it was asked', () => looks > 0);
    await later(200);
    expect(await payment.state()).toMatchObject({ status: 'requires_action' });
    expect(await payment.inbox(inboxId)).toBe('received');
    channel.before = () => undefined;
    await payment.tellAgain(inboxId, 1, held(payment));
    await payment.waitFor('authorized');
  });
});
