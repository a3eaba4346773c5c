import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { merchantBalances, type MerchantBalances } from '../../db/stores/ledger-balances';
import type { Reply } from './api';
import { kpayEvent, signedBy } from './kpay-event';
import type { PaymentBody, Platform } from './platform';
import { until } from './until';

export interface DisputeBody {
  id: string;
  paymentId: string;
  status: string;
  amount: string;
  funds: string;
  evidenceDueAt: string | null;
  evidenceSentAt: string | null;
  evidence: { id: string; status: string }[];
}

export interface SandboxDispute {
  dispute_id: string;
}

/** As KPay words it, where its own book would not have it so. */
export interface ToldDispute {
  dispute_id: string;
  amount: number;
  currency?: string;
  status?: 'open' | 'won' | 'lost';
}

const eventTypes = { open: 'dispute.opened', won: 'dispute.won', lost: 'dispute.lost' };

/** What tests about disputes do with a platform again and again. */
export function disputesOn(platform: Platform) {
  const key = platform.merchant.apiKey;

  async function control(path: string, body: Record<string, unknown> = {}): Promise<SandboxDispute> {
    const answer = await fetch(`${platform.sandbox.url}/sandbox/disputes${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { connection: 'close' },
    });
    if (!answer.ok) throw new Error(`dispute: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as SandboxDispute;
  }

  async function read(disputeId: string): Promise<DisputeBody> {
    const reply = await platform.call('GET', `/api/v1/disputes/${disputeId}`, { key });
    if (reply.status !== 200) throw new Error(`dispute ${disputeId}: ${reply.status} ${reply.text}`);
    return reply.body as DisputeBody;
  }

  async function of(payment: PaymentBody): Promise<DisputeBody> {
    const found = await until('the dispute is known', async () => {
      const reply = await platform.call('GET', `/api/v1/disputes?payment=${payment.id}`, { key });
      return (reply.body as { data: DisputeBody[] }).data[0];
    });
    return read(found.id);
  }

  return {
    read,
    of,
    waitFor: (disputeId: string, status: string): Promise<DisputeBody> =>
      until(`${disputeId} is ${status}`, async () => {
        const dispute = await read(disputeId);
        return dispute.status === status && dispute;
      }),
    async paidPayment(body?: Record<string, unknown>): Promise<PaymentBody> {
      const payment = await platform.openPayment(body);
      await platform.checkout(payment, 'pay');
      return platform.waitForStatus(payment.id, 'succeeded');
    },
    /** The customer goes to the bank. */
    open: (payment: PaymentBody, how: Record<string, unknown> = {}): Promise<SandboxDispute> =>
      control('', { reference: `${payment.id}-1`, ...how }),
    /** The bank decides. */
    decide: (dispute: SandboxDispute, how: 'win' | 'lose'): Promise<SandboxDispute> =>
      control(`/${dispute.dispute_id}/${how}`),
    /** An event that is signed by the channel, whatever it says. */
    async tell(payment: PaymentBody, { currency = 'USD', status = 'open', ...dispute }: ToldDispute) {
      const reference = `${payment.id}-1`;
      const event = kpayEvent(
        reference,
        {},
        { id: `evt_${dispute.dispute_id}_${status}`, type: eventTypes[status] },
      );
      const told = {
        ...{ ...dispute, currency, status, merchant_order_no: reference, reason_code: 'fraudulent' },
        evidence_due_at: new Date(Date.now() + 60_000).toISOString(),
      };
      const raw = JSON.stringify({ ...event, data: { ...event.data, dispute: told } });
      const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
      const reply = await platform.call('POST', platform.webhookPath, { raw, headers });
      if (reply.status !== 200) throw new Error(`told: ${reply.status} ${reply.text}`);
    },
    send: (
      disputeId: string,
      body: Record<string, unknown>,
      headers?: Record<string, string>,
    ): Promise<Reply> =>
      platform.call('POST', `/api/v1/disputes/${disputeId}/evidence`, { key, body, headers }),
    balances: (): Promise<MerchantBalances> =>
      merchantBalances(platform.database, platform.merchant.id, 'test', 'USD'),
    async journalsOf(disputeId: string): Promise<string[]> {
      const { rows } = await platform.database.query<{ kind: string }>(
        'select kind from ledger_journals where dispute_id = $1 order by tx, id',
        [asUuid(disputeId)],
      );
      return rows.map(({ kind }) => kind);
    },
    /** Line by line: debits are positive. */
    async linesOf(disputeId: string): Promise<string[]> {
      const { rows } = await platform.database.query<{ line: string }>(
        `select format('%s: %s %s', j.kind, a.kind, l.amount) as line
         from ledger_journals j
         cross join lateral unnest(j.account_ids, j.amounts) with ordinality l (account_id, amount, no)
         join ledger_accounts a on a.id = l.account_id where j.dispute_id = $1 order by j.tx, j.id, l.no`,
        [asUuid(disputeId)],
      );
      return rows.map(({ line }) => line);
    },
  };
}

function asUuid(publicId: string): string {
  return publicId.slice(publicId.indexOf('_') + 1);
}
