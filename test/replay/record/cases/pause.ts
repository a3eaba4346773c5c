import { postForm, press } from '../../../../dev/demo/parties/customer';
import { openShop, type Merchant, type Payment } from '../../../../dev/demo/parties/merchant';
import { parsePublicId } from '../../../../domain/ids';
import { refundWorkflowId } from '../../../../workflows/contracts';
import { closingFor, ecpayCredentials, ownEcpay } from '../channels';
import type { RecordingCase, RecordingStage } from '../case';
import { asks, orderTea, reaches } from '../shop';

/** Longer than the way to the step that has to wait, and no longer than a recording should. */
const closingMs = 10_000;

/** A payment by card at ECPay, which afterwards closes its day. */
async function paidAtEcpay(stage: RecordingStage, status: 'succeeded' | 'authorized') {
  const isReserved = status === 'authorized';
  const credentials = { ...ecpayCredentials, dailyClosing: isReserved ? 'off' : 'on' };
  const channel = await ownEcpay(stage);
  if (isReserved) await channel.configures(credentials);
  const merchant = await openShop(stage, { config: { channels: [channel.id] } });
  const payment = await orderTea(stage, merchant, isReserved ? { capture: 'manual' } : {});
  await stage.step('customer', 'pays on ECPay’s page', async (signal) => {
    const { url = '', fields = {} } = payment.nextAction ?? {};
    await press(await postForm(url, fields, signal), 'Pay', signal);
  });
  await reaches(stage, merchant, payment, status);
  await channel.configures({ ...credentials, closingHours: closingFor(closingMs) });
  return { merchant, payment };
}

async function givesBack(stage: RecordingStage, merchant: Merchant, payment: Payment): Promise<string> {
  const id = await stage.step('merchant', 'asks for the money to be given back', async (signal) => {
    const { body } = await merchant.api.post<{ id: string }>('/refunds', { paymentId: payment.id }, signal);
    return body.id;
  });
  return refundWorkflowId(parsePublicId('refund', id) ?? '');
}

export const pauseCases: readonly RecordingCase[] = [
  {
    name: 'refund/paused',
    async play(stage) {
      const { merchant, payment } = await paidAtEcpay(stage, 'succeeded');
      return { workflowId: await givesBack(stage, merchant, payment) };
    },
  },
  {
    name: 'payment/capture-paused',
    async play(stage) {
      const { merchant, payment } = await paidAtEcpay(stage, 'authorized');
      await asks(stage, merchant, payment, 'capture');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
];
