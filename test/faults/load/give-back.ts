import type { Story } from '../plan';
import type { LoadReport } from './contracts';
import type { Merchant, PaymentSeen } from './merchant';

interface Stage {
  merchant: Merchant;
  report: LoadReport;
}

/** Refunds of one paid order, all asked for at once: together they may want more than there is. */
export async function giveBack(
  story: Story,
  { id }: PaymentSeen,
  { merchant, report }: Stage,
): Promise<void> {
  const { refunds } = story;
  if (refunds === undefined || (await merchant.settled(id))?.status !== 'succeeded') return;
  if (refunds.fault !== undefined) {
    await merchant.fault({ ...refunds.fault, reference: `${id}-1`, operation: 'refund', count: 1 });
  }
  if (refunds.isTooMuch) {
    const kind = refunds.count >= 50 ? 'fifty_refunds_at_once' : 'refunds_beyond_the_money';
    report.faults[kind] = (report.faults[kind] ?? 0) + 1;
  }
  await Promise.all(
    Array.from({ length: refunds.count }, async (_, index) => {
      const refundNo = `${story.orderId}.r${index}`;
      const body = { paymentId: id, refundNo, reason: 'the tin was dented', amount: refunds.amount };
      report.operations['refund'] = (report.operations['refund'] ?? 0) + 1;
      const ask = () => merchant.insist(() => merchant.post('/refunds', body));
      // A hand that clicks twice: the same number twice at once is one refund.
      if (index === 0) report.operations['refund_repeated'] = (report.operations['refund_repeated'] ?? 0) + 1;
      const [reply] = await Promise.all([ask(), ...(index === 0 ? [ask()] : [])]);
      if (reply === undefined) report.unanswered.push(refundNo);
      else if (reply.status < 300) {
        const { id: refundId, amount } = reply.body;
        report.refunds.push({ refundNo, refundId, paymentId: id, amount });
      } else if (reply.status !== 409 && reply.status !== 422) {
        report.problems.push(`I5: ${refundNo} was refused: ${reply.status} ${reply.body.error?.code}`);
      }
    }),
  );
}
