import { randomUUID } from 'node:crypto';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import { paymentInput, paymentWorkflowOptions } from '../../../../activities/payment/workflow-starter';
import { openPage, press } from '../../../../dev/demo/parties/customer';
import { openShop } from '../../../../dev/demo/parties/merchant';
import { until } from '../../../../dev/demo/parties/http';
import { parsePublicId } from '../../../../domain/ids';
import { taskQueues, workflowNames } from '../../../../workflows/contracts';
import type { RecordingCase } from '../case';
import { asks, orderTea, presses, reaches } from '../shop';

const shortly = { config: { expiresInSeconds: 6 } };

export const paymentCases: readonly RecordingCase[] = [
  {
    name: 'payment/success',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/expired',
    async play(stage) {
      const merchant = await openShop(stage, shortly);
      const payment = await orderTea(stage, merchant);
      await reaches(stage, merchant, payment, 'expired');
      return payment;
    },
  },
  {
    name: 'payment/declined-then-expired',
    async play(stage) {
      const merchant = await openShop(stage, shortly);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Decline');
      await reaches(stage, merchant, payment, 'expired');
      return payment;
    },
  },
  {
    name: 'payment/found-paid-by-poll',
    async play(stage) {
      await stage.fault({ kind: 'webhook_lost' });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/answer-lost-once',
    async play(stage) {
      await stage.fault({ kind: 'drop_after', operation: 'create', count: 1 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/unknown-then-paid',
    async play(stage) {
      await stage.fault({ kind: 'drop_after', operation: 'create', count: 2 });
      await stage.fault({ kind: 'error_before', operation: 'query', count: 1 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await reaches(stage, merchant, payment, 'unknown');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/unknown-never-arrived',
    async play(stage) {
      await stage.fault({ kind: 'drop_before', operation: 'create', count: 2 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await reaches(stage, merchant, payment, 'unknown');
      await reaches(stage, merchant, payment, 'failed');
      return payment;
    },
  },
  {
    name: 'payment/unknown-told-by-webhook',
    async play(stage) {
      await stage.fault({ kind: 'drop_after', operation: 'create', count: 2 });
      await stage.fault({ kind: 'error_before', operation: 'query', count: 3 });
      await stage.fault({ kind: 'autopay', ms: 6_000, count: 1 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await reaches(stage, merchant, payment, 'unknown');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/slow-channel',
    async play(stage) {
      // Longer than a local activity may take: the same step runs again as a regular one.
      await stage.fault({ kind: 'delay_before', operation: 'create', ms: 4_000, count: 1 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/captured-in-parts',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'authorized');
      await asks(stage, merchant, payment, 'capture', { amount: '100' });
      await asks(stage, merchant, payment, 'capture');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/resumed-in-capture',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant, { capture: 'manual' });
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'authorized');
      const workflow = stage.client.workflow.getHandle(payment.workflowId);
      await stage.step('operator', 'ends the workflow by hand', () => workflow.terminate());
      // The request finds no workflow, and gives the payment a new one.
      await asks(stage, merchant, payment, 'capture');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/cancelled',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await asks(stage, merchant, payment, 'cancel');
      await reaches(stage, merchant, payment, 'cancelled');
      return payment;
    },
  },
  {
    name: 'payment/second-attempt-paid',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Decline');
      await asks(stage, merchant, payment, 'attempts');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/attempt-looked-for-first',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Decline');
      await asks(stage, merchant, payment, 'attempts');
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/older-attempt-paid',
    async play(stage) {
      await stage.fault({ kind: 'allow_late_payment', count: 1 });
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      const first = payment.nextAction?.url ?? '';
      const page = await stage.step('customer', 'opens the page', (signal) => openPage(first, signal));
      await asks(stage, merchant, payment, 'attempts');
      await stage.step('customer', 'pays on the old page', (signal) => press(page, 'Pay', signal));
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/resumed-by-sweep',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      const workflow = stage.client.workflow.getHandle(payment.workflowId);
      await stage.step('operator', 'ends the workflow by hand', () => workflow.terminate());
      await stage.step(
        'sweep',
        'starts it anew',
        (signal) =>
          until(signal, async () =>
            (await workflow.describe()).status.name === 'RUNNING' ? true : undefined,
          ),
        { withinMs: 30_000 },
      );
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      return payment;
    },
  },
  {
    name: 'payment/owned-by-another',
    async play(stage) {
      const merchant = await openShop(stage);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Pay');
      await reaches(stage, merchant, payment, 'succeeded');
      const now = Date.now();
      const input = paymentInput(
        {
          paymentId: randomUUID(),
          merchantId: parsePublicId('merchant', merchant.id) ?? '',
          mode: 'test',
          orderId: payment.orderId,
          amountMinor: '420',
          currency: 'TWD',
          description: 'Tea, 150 g',
          metadata: {},
          createdAt: new Date(now).toISOString(),
          expiresAt: new Date(now + 60_000).toISOString(),
          requestHash: 'of another request',
        },
        { openWithinMs: 30_000, firstPollMs: 4_000, pollMsMax: 4_000 },
        now,
      );
      const { workflowId, firstExecutionRunId: runId } = await stage.step(
        'temporal',
        'has forgotten the first run, and a second one starts',
        async (signal) => {
          await until(signal, async () => {
            const { status } = await stage.client.workflow.getHandle(payment.workflowId).describe();
            return status.name === 'RUNNING' ? undefined : true;
          });
          return stage.client.workflow.start(workflowNames.payment, {
            ...paymentWorkflowOptions(input, taskQueues),
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          });
        },
      );
      return { workflowId, runId };
    },
  },
];
