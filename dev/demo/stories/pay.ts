import { openPage, press } from '../parties/customer';
import type { Merchant, Payment } from '../parties/merchant';
import type { Stage } from '../story';

/** How most stories begin: a payment of one merchant that its customer has paid. */
export async function paidPayment(
  stage: Stage,
  merchant: Merchant,
  amount: string,
  more: { currency?: string; settleCurrency?: string; quoteId?: string } = {},
): Promise<Payment> {
  const started = await stage.step(
    'merchant',
    'starts a payment',
    async (signal) => {
      const orderId = merchant.newOrderId();
      const order = { orderId, amount, currency: 'TWD', description: 'Oolong, 150 g', ...more };
      const { body } = await merchant.api.post<Payment>('/payments', order, signal);
      if (body.nextAction?.url === undefined) throw new Error(`no redirect, but ${body.status}`);
      return { ...body, redirect: body.nextAction.url };
    },
    { tell: ({ id, status }) => `${id} ${status}` },
  );
  await stage.step('customer', 'pays on the page of the channel', async (signal) => {
    const after = await press(await openPage(started.redirect, signal), 'Pay', signal);
    if (!after.ending?.startsWith('Paid')) throw new Error(`the page says: ${after.ending}`);
  });
  return stage.step(
    'merchant',
    'sees it paid',
    (signal) => merchant.seesPayment(started.id, ({ status }) => status === 'succeeded', signal),
    { tell: ({ amount: paid, currency }) => `${paid} ${currency}` },
  );
}
