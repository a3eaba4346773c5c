import { until } from '../parties/http';
import { openShop } from '../parties/merchant';
import { providerAt } from '../parties/provider';
import type { Story } from '../story';
import { paidPayment } from './pay';

interface Dispute {
  id: string;
  status: string;
  amount: string;
  reasonCode: string;
}

export const dispute: Story = {
  name: 'dispute',
  summary: 'a customer disputes a payment; evidence wins it, and the next one is lost',

  async play(stage) {
    const merchant = await openShop(stage);
    const kpay = providerAt(stage.stack.sandboxes.kpay ?? '');

    const openDispute = async (amount: string) => {
      const payment = await paidPayment(stage, merchant, amount);
      const atBank = await stage.step(
        'customer',
        'goes to the bank: nothing has arrived',
        (signal) => kpay.dispute(`${payment.id}-1`, signal),
        { tell: (id) => id },
      );
      const opened = await stage.step(
        'merchant',
        'hears of it, and the payment is disputed',
        async (signal) => {
          await merchant.callbacks.received(
            ({ type, data }) => type === 'dispute.opened' && data.payment.id === payment.id,
            signal,
          );
          await merchant.seesPayment(payment.id, ({ status }) => status === 'disputed', signal);
          return until(signal, async () => {
            const path = `/disputes?payment=${payment.id}`;
            return (await merchant.api.get<{ data: Dispute[] }>(path, signal)).data[0];
          });
        },
        { tell: ({ id, status, reasonCode }) => `${id} ${status}, ${reasonCode}` },
      );
      return { payment, atBank, opened };
    };
    const hears = (what: string, type: string, paymentId: string) =>
      stage.step(
        'merchant',
        what,
        (signal) =>
          merchant.callbacks.received(
            (callback) => callback.type === type && callback.data.payment.id === paymentId,
            signal,
          ),
        { tell: ({ data }) => `payment ${data.payment.status}` },
      );

    const first = await openDispute('420');
    await stage.step(
      'merchant',
      'sends the receipt',
      async (signal) => {
        const content = Buffer.from('Parcel 17, signed for on the second of May').toString('base64');
        const { body } = await merchant.api.post<{ id: string; status: string }>(
          `/disputes/${first.opened.id}/evidence`,
          {
            kind: 'delivery',
            text: 'It was signed for.',
            document: { name: 'receipt.txt', contentType: 'text/plain', content },
          },
          signal,
        );
        if (body.status !== 'accepted') throw new Error(`the evidence is ${body.status}`);
        return body;
      },
      { tell: ({ id, status }) => `${id} ${status}` },
    );
    await stage.step('KPay', 'has the evidence', async (signal) => {
      const entry = await kpay.book(`${first.payment.id}-1`, signal);
      if (entry?.disputes?.[0]?.evidence !== 1) throw new Error(JSON.stringify(entry?.disputes));
    });
    await hears('hears that the bank is looking at it', 'dispute.under_review', first.payment.id);
    await stage.step('bank', 'decides for the merchant', (signal) =>
      kpay.decide(first.atBank, 'win', signal),
    );
    await hears('hears that it has won', 'dispute.won', first.payment.id);
    await stage.step('merchant', 'sees the payment succeeded again', (signal) =>
      merchant.seesPayment(first.payment.id, ({ status }) => status === 'succeeded', signal),
    );

    const second = await openDispute('300');
    await stage.step('bank', 'decides for the customer', (signal) =>
      kpay.decide(second.atBank, 'lose', signal),
    );
    await hears('hears that it has lost', 'dispute.lost', second.payment.id);
  },
};
