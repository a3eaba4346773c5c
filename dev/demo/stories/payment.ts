import { openPage, press } from '../parties/customer';
import { openShop, type Payment } from '../parties/merchant';
import { endedWorkflow, paymentWorkflow, workflowLink } from '../parties/temporal-ui';
import type { Story } from '../story';

export const payment: Story = {
  name: 'payment',
  summary: 'a customer pays: redirect, webhook, signed callback',

  async play(stage) {
    const merchant = await openShop(stage);
    const orderId = merchant.newOrderId();

    const started = await stage.step(
      'merchant',
      'starts a payment',
      async (signal) => {
        const order = { orderId, amount: '420', currency: 'TWD', description: 'High mountain oolong, 150 g' };
        const { body } = await merchant.api.post<Payment>('/payments', order, signal);
        if (body.nextAction?.url === undefined) throw new Error(`no redirect, but ${body.status}`);
        return { ...body, redirect: body.nextAction.url };
      },
      { tell: ({ id, status }) => `${id} ${status}` },
    );
    const workflowId = paymentWorkflow(merchant.id, orderId);
    stage.note(workflowLink(stage.stack, workflowId));

    const page = await stage.step(
      'customer',
      'is sent to the page of KPay',
      (signal) => openPage(started.redirect, signal),
      { tell: ({ title }) => title },
    );
    await stage.step(
      'customer',
      'presses "Pay"',
      async (signal) => {
        const after = await press(page, 'Pay', signal);
        if (!after.ending?.startsWith('Paid')) throw new Error(`the page says: ${after.ending}`);
        return after.ending;
      },
      { tell: (ending) => ending },
    );

    await stage.step(
      'merchant',
      'sees what the webhook of KPay changed',
      (signal) => merchant.seesPayment(started.id, ({ status }) => status === 'succeeded', signal),
      { tell: ({ status, amount, currency }) => `${status}, ${amount} ${currency}` },
    );
    await stage.step(
      'merchant',
      'gets the signed callback',
      async (signal) => {
        const callback = await merchant.callbacks.received(
          ({ type, data }) => type === 'payment.succeeded' && data.payment.id === started.id,
          signal,
        );
        if (callback.data.payment.amount !== started.amount) throw new Error('it names another amount');
        return callback;
      },
      { tell: ({ id, type }) => `${type} (${id})` },
    );
    await stage.step(
      'operator',
      'finds the workflow in Temporal UI',
      async (signal) => {
        const ended = await endedWorkflow(stage.stack, workflowId, signal);
        if (ended.status !== 'completed') throw new Error(`it ended as ${ended.status}`);
        return ended;
      },
      { tell: ({ status, events }) => `${status}, ${events} events` },
    );
  },
};
