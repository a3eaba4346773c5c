import { accountantOf } from '../parties/accountant';
import { until } from '../parties/http';
import { openShop } from '../parties/merchant';
import type { Story } from '../story';
import { paidPayment } from './pay';

export const money: Story = {
  name: 'money',
  summary: 'a payment and a partial refund in the books: every journal, and the balances before and after',

  async play(stage) {
    const merchant = await openShop(stage);
    const accountant = accountantOf(stage, merchant.id);
    await accountant.showsBalances('reads what the merchant has before');

    const payment = await paidPayment(stage, merchant, '420');
    await accountant.showsJournal('reads the journal of the payment', `${payment.id}-1`);
    const paid = await accountant.showsBalances('reads what the merchant has now');

    const refund = await stage.step(
      'merchant',
      'gives 120 of it back',
      async (signal) => {
        const body = { paymentId: payment.id, amount: '120', reason: 'one tin was missing' };
        return (await merchant.api.post<{ id: string; status: string }>('/refunds', body, signal)).body;
      },
      { tell: ({ id, status }) => `${id} ${status}` },
    );
    await stage.step('merchant', 'sees the refund done', (signal) =>
      until(signal, async () => {
        const { status } = await merchant.api.get<{ status: string }>(`/refunds/${refund.id}`, signal);
        if (status === 'failed') throw new Error('it failed');
        return status === 'succeeded' ? status : undefined;
      }),
    );
    await accountant.showsJournal('reads how the amount was set aside', `${refund.id}:hold`);
    await accountant.showsJournal('reads how it went back', refund.id);
    const after = await accountant.showsBalances('reads what the merchant has after');
    if (after === paid) throw new Error(`the refund changed nothing: ${after}`);
  },
};
