import { accountantOf } from '../parties/accountant';
import { apiCaller, until, type Caller } from '../parties/http';
import { openShop } from '../parties/merchant';
import type { Stage, Story } from '../story';
import { paidPayment } from './pay';

export const money: Story = {
  name: 'money',
  summary:
    'a payment with its fee, a partial refund and a conversion in the books: every journal, balances before and after',

  async play(stage) {
    const merchant = await openShop(stage, { config: { currencies: ['TWD', 'USD'] } });
    const operator = apiCaller(stage.stack.api, stage.stack.demo.operatorKey);
    await chargeFee(stage, operator, merchant.id);
    const accountant = accountantOf(stage, merchant.id);
    await accountant.showsBalances('reads what the merchant has before');

    const payment = await paidPayment(stage, merchant, '420');
    await accountant.showsJournal('reads the journal of the payment, with its fee', `${payment.id}-1`);
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

    await stage.step(
      'operator',
      'has the newest rates fetched',
      async (signal) => {
        const { data } = await operator.get<{ data: Source[] }>('/admin/exchange/sources', signal);
        const source = data.find(({ name }) => name === 'sandbox');
        if (source === undefined) throw new Error('there is no source of rates');
        const { body } = await operator.post<Fetched>(
          `/admin/exchange/sources/${source.id}/fetch`,
          {},
          signal,
        );
        if (body.problems.length > 0) throw new Error(body.problems.join('; '));
        const path = '/admin/exchange/rates?base=USD&quote=TWD&limit=1';
        const [rate] = (await operator.get<{ data: Rate[] }>(path, signal)).data;
        if (rate === undefined) throw new Error('there is no rate of USD in TWD');
        return rate;
      },
      {
        tell: ({ rate, spreadPercent, source }) =>
          `1 USD = ${rate} TWD says ${source}; ${spreadPercent} % of an exchange is kept`,
      },
    );
    const quote = await stage.step(
      'merchant',
      'gets a quote for 100 USD in TWD',
      async (signal) => {
        const wish = { amount: '100.00', currency: 'USD', settleCurrency: 'TWD' };
        return (await merchant.api.post<Quote>('/exchange/quotes', wish, signal)).body;
      },
      { tell: ({ settleAmount, rate, expiresAt }) => `${settleAmount} TWD at ${rate}, until ${expiresAt}` },
    );
    const exchanged = await paidPayment(stage, merchant, '100.00', {
      currency: 'USD',
      settleCurrency: 'TWD',
      quoteId: quote.id,
    });
    await accountant.showsJournal('reads the journal of the payment in USD', `${exchanged.id}-1`);
    await accountant.showsJournal('reads its exchange, through FX clearing in both', `${exchanged.id}-1:fx`);
    const last = await accountant.showsBalances('reads what the merchant has in the end');
    if (last === after) throw new Error(`the exchange changed nothing: ${last}`);
    await stage.step(
      'accountant',
      'reads what exchanging has earned so far, and what is open',
      (signal) => operator.get<Positions>('/admin/exchange/positions?mode=test&valuedIn=TWD', signal),
      { tell: ({ result, openGain }) => `${result} TWD earned, ${openGain} TWD gained by the market` },
    );
  },
};

/** Of this story's merchant alone, and only as long as the story plays: a plan is ended by a version that is disabled. */
async function chargeFee(stage: Stage, operator: Caller, merchantId: string): Promise<void> {
  const terms = { tiers: [{ percent: '2.9', fixed: '3' }], refundable: 'percentage' };
  await stage.step(
    'operator',
    'agrees on a fee with it',
    async (signal) => {
      const scope = { payer: 'merchant', transactionType: 'payment', currency: 'TWD', merchantId };
      const { body } = await operator.post<{ id: string; version: number }>(
        '/admin/fee-plans',
        { name: 'Demo fee', ...scope, terms },
        signal,
      );
      stage.afterwards('ending the fee', () =>
        operator.put(
          `/admin/fee-plans/${body.id}`,
          { version: body.version, terms, isEnabled: false },
          AbortSignal.timeout(4_000),
        ),
      );
      return body;
    },
    { tell: ({ id }) => `${id}, 2.9 % and 3 TWD of each payment, of which a refund gives the 2.9 % back` },
  );
}

interface Source {
  id: string;
  name: string;
}

interface Fetched {
  problems: string[];
}

interface Rate {
  source: string;
  rate: string;
  spreadPercent: string;
}

interface Quote {
  id: string;
  settleAmount: string;
  rate: string;
  expiresAt: string;
}

interface Positions {
  result: string | null;
  openGain: string | null;
}
