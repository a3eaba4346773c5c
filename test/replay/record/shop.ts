import { setTimeout as sleep } from 'node:timers/promises';
import { openPage, press } from '../../../dev/demo/parties/customer';
import { CallFailed, until } from '../../../dev/demo/parties/http';
import type { Merchant, Payment } from '../../../dev/demo/parties/merchant';
import { paymentWorkflow } from '../../../dev/demo/parties/temporal-ui';
import type { Stage } from '../../../dev/demo/story';
import type { RecordingStage } from './case';

const slowMs = 45_000;
const finals = new Set(['succeeded', 'failed', 'expired', 'cancelled']);

export interface Ordered extends Payment {
  workflowId: string;
}

export async function orderTea(
  stage: Stage,
  merchant: Merchant,
  over: { capture?: 'manual'; callbackUrl?: string } = {},
): Promise<Ordered> {
  const orderId = merchant.newOrderId();
  return stage.step('merchant', 'starts a payment', async (signal) => {
    const order = { orderId, amount: '420', currency: 'TWD', description: 'Tea, 150 g', ...over };
    const { body } = await merchant.api.post<Payment>('/payments', order, signal);
    return { ...body, workflowId: paymentWorkflow(merchant.id, orderId) };
  });
}

/** The customer's page as soon as there is one; what it says afterwards is the sandbox's own affair. */
export async function presses(
  stage: Stage,
  merchant: Merchant,
  payment: Payment,
  button: 'Pay' | 'Decline',
): Promise<void> {
  await stage.step(
    'customer',
    `presses "${button}"`,
    async (signal) => {
      const { nextAction } = await merchant.seesPayment(
        payment.id,
        ({ nextAction: next }) => next !== null,
        signal,
      );
      await press(await openPage(nextAction?.url ?? '', signal), button, signal);
    },
    { withinMs: slowMs },
  );
}

/** Stripe's fields on the shop's own page. */
export async function paysAtStripe(
  stage: Stage,
  merchant: Merchant,
  payment: Payment,
  button: 'pay' | 'decline',
): Promise<void> {
  await stage.step('customer', `presses "${button}" at Stripe`, async (signal) => {
    const { nextAction } = await merchant.api.get<{ nextAction: { secret?: string } | null }>(
      `/payments/${payment.id}`,
      signal,
    );
    const url = `${stage.stack.sandboxes.stripe}/pay/${nextAction?.secret}/${button}`;
    const headers = { accept: 'application/json' };
    const answer = await fetch(url, { method: 'POST', signal, headers });
    if (!answer.ok) throw new Error(`it was answered ${answer.status} ${await answer.text()}`);
  });
}

/** What the merchant asks of the payment's workflow. */
export async function asks(
  stage: Stage,
  merchant: Merchant,
  payment: Payment,
  what: 'capture' | 'cancel' | 'attempts',
  body: Record<string, unknown> = {},
): Promise<Payment> {
  return stage.step('merchant', `asks for: ${what}`, async (signal) => {
    const { body: after } = await merchant.api.post<Payment>(`/payments/${payment.id}/${what}`, body, signal);
    return after;
  });
}

/** The same, where it is refused in these words. */
export async function isRefused(
  stage: Stage,
  merchant: Merchant,
  payment: Payment,
  what: 'capture' | 'cancel' | 'attempts',
  words: string,
  body: Record<string, unknown> = {},
): Promise<void> {
  await stage.step('merchant', `asks for: ${what}, which is refused`, async (signal) => {
    const asked = merchant.api.post(`/payments/${payment.id}/${what}`, body, signal);
    const refusal: unknown = await asked.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(refusal instanceof CallFailed) || !refusal.message.includes(words))
      throw new Error(`it was answered ${String(refusal)}`);
  });
}

/** A case that went another way than its name says must not be recorded. */
export async function reaches(
  stage: Stage,
  merchant: Merchant,
  payment: Payment,
  status: string,
): Promise<void> {
  await stage.step(
    'merchant',
    `sees the payment ${status}`,
    (signal) => {
      const fits = (seen: Payment) => {
        if (seen.status !== status && finals.has(seen.status))
          throw new Error(`it is ${JSON.stringify(seen)}`);
        return seen.status === status;
      };
      return merchant.seesPayment(payment.id, fits, signal);
    },
    { withinMs: slowMs },
  );
}

/** The workflow of this type that began since then: its id is made of an id which only the platform knows. */
export async function begunWorkflow(
  stage: RecordingStage,
  type: string,
  since: Date,
): Promise<{ workflowId: string; runId: string }> {
  const query = `WorkflowType = '${type}' and StartTime >= '${since.toISOString()}'`;
  return stage.step(
    'operator',
    `finds the ${type} workflow`,
    (signal) =>
      until(signal, async () => {
        for await (const { workflowId, runId } of stage.client.workflow.list({ query }))
          return { workflowId, runId };
        await sleep(100);
        return undefined;
      }),
    { withinMs: slowMs },
  );
}
