import { badDaysOf } from '../parties/bad-days';
import { openPage, press } from '../parties/customer';
import { openShop, type Merchant, type Payment } from '../parties/merchant';
import { providerAt } from '../parties/provider';
import type { Stage, Story } from '../story';

export const failover: Story = {
  name: 'failover',
  summary:
    'a channel charges and never answers: charged once; one that surely did nothing: the next one charges',

  async play(stage) {
    const merchant = await openShop(stage, { config: { channels: ['kpay', 'tpay'] } });
    const kpay = providerAt(stage.stack.sandboxes.kpay ?? '');
    const tpay = providerAt(stage.stack.sandboxes.tpay ?? '');
    const badDays = badDaysOf('KPay', kpay, stage);
    const start = (what: string) => startPayment(stage, merchant, badDays.description, what);

    await stage.step('KPay', 'will charge the next customer, and not answer', async (signal) => {
      await badDays.order({ kind: 'autopay', operation: 'create', count: 1 }, signal);
      await badDays.order({ kind: 'timeout_after', operation: 'create', count: 1 }, signal);
    });
    const silent = await start('starts a payment, and waits while KPay is silent');
    await stage.step(
      'merchant',
      'sees it paid all the same',
      (signal) => merchant.seesPayment(silent.id, ({ status }) => status === 'succeeded', signal),
      {
        tell: ({ amount, currency, attempts }) => `${amount} ${currency}, ${attempts} attempt`,
        withinMs: 60_000,
      },
    );
    await stage.step(
      'KPay',
      'has charged once, and TPay was never asked',
      async (signal) => {
        const entry = await kpay.book(`${silent.id}-1`, signal);
        if (entry?.charges !== 1) throw new Error(`KPay: ${JSON.stringify(entry)}`);
        for (const reference of [`${silent.id}-1`, `${silent.id}-2`]) {
          if ((await tpay.book(reference, signal)) !== undefined) throw new Error(`TPay knows ${reference}`);
        }
        return entry;
      },
      { tell: ({ charges }) => `${charges} charge` },
    );

    await stage.step('KPay', 'will refuse the next call before doing anything', (signal) =>
      badDays.order({ kind: 'not_processed', operation: 'create', count: 1 }, signal),
    );
    const moved = await start('starts another payment, and is given the QR code of TPay');
    await stage.step('customer', 'scans it and pays', async (signal) => {
      const code = moved.nextAction?.content;
      if (code === undefined) throw new Error(`no QR code, but ${JSON.stringify(moved.nextAction)}`);
      const page = await openPage(code, signal);
      await press(page, 'Pay in wallet', signal);
    });
    await stage.step(
      'merchant',
      'sees it paid at the second attempt',
      async (signal) => {
        const paid = await merchant.seesPayment(moved.id, ({ status }) => status === 'succeeded', signal);
        if (paid.attempts !== 2) throw new Error(`${paid.attempts} attempts`);
        return paid;
      },
      { tell: ({ amount, currency }) => `${amount} ${currency}` },
    );
    await stage.step('TPay', 'has charged once, and KPay not at all', async (signal) => {
      const there = await tpay.book(`${moved.id}-2`, signal);
      const here = await kpay.book(`${moved.id}-1`, signal);
      if (there?.charges !== 1 || (here?.charges ?? 0) !== 0)
        throw new Error(JSON.stringify({ there, here }));
    });
    for (const { id } of [silent, moved]) {
      await stage.step(
        'merchant',
        'gets the signed callback',
        (signal) =>
          merchant.callbacks.received(
            ({ type, data }) => type === 'payment.succeeded' && data.payment.id === id,
            signal,
          ),
        { tell: ({ data }) => data.payment.orderId },
      );
    }
  },
};

function startPayment(stage: Stage, merchant: Merchant, description: string, what: string): Promise<Payment> {
  return stage.step(
    'merchant',
    what,
    async (signal) => {
      const order = { orderId: merchant.newOrderId(), amount: '420', currency: 'TWD', description };
      return (await merchant.api.post<Payment>('/payments', order, signal)).body;
    },
    { tell: ({ id, status, nextAction }) => `${id} ${status}${nextAction ? `, ${nextAction.type}` : ''}` },
  );
}
