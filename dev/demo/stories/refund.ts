import { until } from '../parties/http';
import { openShop } from '../parties/merchant';
import { providerAt } from '../parties/provider';
import type { Story } from '../story';
import { paidPayment } from './pay';

interface Refund {
  id: string;
  status: string;
  amount: string;
}

export const refund: Story = {
  name: 'refund',
  summary: 'part of a payment goes back, then the rest, and not a cent more',

  async play(stage) {
    const merchant = await openShop(stage);
    const kpay = providerAt(stage.stack.sandboxes.kpay ?? '');
    const payment = await paidPayment(stage, merchant, '420');

    const giveBack = async (what: string, amount: string | undefined, after: string) => {
      const asked = await stage.step(
        'merchant',
        what,
        async (signal) => {
          const body = { paymentId: payment.id, reason: 'one tin was missing', ...(amount && { amount }) };
          return (await merchant.api.post<Refund>('/refunds', body, signal)).body;
        },
        { tell: ({ id, status }) => `${id} ${status}` },
      );
      await stage.step(
        'merchant',
        'sees the refund done',
        (signal) =>
          until(signal, async () => {
            const { status, amount: refunded } = await merchant.api.get<Refund>(
              `/refunds/${asked.id}`,
              signal,
            );
            if (status === 'failed') throw new Error('it failed');
            return status === 'succeeded' ? refunded : undefined;
          }),
        { tell: (refunded) => `${refunded} TWD` },
      );
      await stage.step('merchant', `sees the payment ${after.replace('_', ' ')}`, (signal) =>
        merchant.seesPayment(payment.id, ({ status }) => status === after, signal),
      );
      await stage.step('merchant', 'gets the signed callback of the refund', (signal) =>
        merchant.callbacks.received(
          ({ type, data }) => type === 'refund.succeeded' && data.payment.status === after,
          signal,
        ),
      );
    };
    await giveBack('gives 120 of it back', '120', 'partially_refunded');
    await giveBack('gives the rest back', undefined, 'refunded');

    await stage.step('merchant', 'asks for one more, and is refused', async (signal) => {
      const body = { paymentId: payment.id, amount: '1', reason: 'by mistake' };
      const error = await merchant.api.post('/refunds', body, signal).then(
        () => undefined,
        (refused: unknown) => String(refused),
      );
      if (error?.includes('refund_exceeds_captured') !== true) throw new Error(`it was answered: ${error}`);
    });
    await stage.step(
      'KPay',
      'has the same in its own book',
      async (signal) => {
        const entry = await kpay.book(`${payment.id}-1`, signal);
        if (entry?.refunded_amount !== 420 || entry.charges !== 1) throw new Error(JSON.stringify(entry));
        return entry;
      },
      { tell: ({ charges, refunded_amount }) => `${charges} charge, ${refunded_amount} TWD given back` },
    );
  },
};
