import { createCommandPayment } from '../../../api/routes/payments/command-payment';
import { createDeliverEvent } from '../../../activities/payment/deliver-event';
import type { UnsettledArrival } from '../../../db/stores/webhook-inbox-store';

/** What was done, in its order; `signal` and `update` as Temporal would take them. */
let done: string[];
let refuse: Error | undefined;
beforeEach(() => {
  done = [];
  refuse = undefined;
});

const call = (name: string) => (workflowId: string) => () => {
  done.push(`${name} ${workflowId}`);
  return refuse === undefined ? Promise.resolve({ status: 'canceled' }) : Promise.reject(refuse);
};
const client = {
  connection: { withDeadline: (_deadline: number, work: () => Promise<unknown>) => work() },
  workflow: {
    getHandle: (workflowId: string) => ({
      signal: call('signal')(workflowId),
      startUpdate: () => call('update')(workflowId)().then((state) => ({ result: async () => state })),
    }),
  },
};
const firstNews = {
  deliver(workflowId: string) {
    done.push(`told ${workflowId}`);
    return true;
  },
};
const nobody = () => Promise.reject(new Error('there is nobody to be told'));
const common = {
  ...{ client: client as never, database: {} as never, log: {} as never },
  ...{ resumePayment: nobody, firstNews, answerWithinMs: 1_000 },
};

const workflowId = 'payment/test/mer_m1/tea-1';

describe('the first step of a payment in this process', () => {
  const arrival = {
    ...{ inboxId: '1', channelConfigId: '2' },
    event: {
      ...{ about: 'charge', eventId: 'evt_1', reference: 'pay_1-1', status: { kind: 'processing' } },
      occurredAt: '2026-01-01T00:00:00.000Z',
    },
    address: { paymentId: 'p1', mode: 'test', merchantId: 'm1', orderId: 'tea-1', status: 'processing' },
  } as UnsettledArrival;
  const deliverEvent = createDeliverEvent({
    ...{ ...common, queues: {} as never, refreshCustomer: nobody },
    ...{ refunds: { deliver: nobody }, disputes: { deliver: nobody } },
  });

  it('goes on when its workflow has the news', async () => {
    await deliverEvent(arrival);
    expect(done).toEqual([`signal ${workflowId}`, `told ${workflowId}`]);
  });

  it('stays for news that Temporal did not take', async () => {
    refuse = new Error('14 UNAVAILABLE');
    await expect(deliverEvent(arrival)).rejects.toThrow('UNAVAILABLE');
    expect(done).toEqual([`signal ${workflowId}`]);
  });

  it('goes on before a command is sent, which waits for it', async () => {
    const commandPayment = createCommandPayment(common);
    const request = { paymentId: 'p1', mode: 'test', merchantId: 'm1', orderId: 'tea-1' } as never;
    expect(await commandPayment(request, { id: 'c1', kind: 'cancel' } as never, 0)).toMatchObject({
      kind: 'done',
    });
    expect(done).toEqual([`told ${workflowId}`, `update ${workflowId}`]);
  });
});
