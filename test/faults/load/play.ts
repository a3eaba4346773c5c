import type { SandboxFault, Story, StoryKind } from '../plan';
import type { CallbackEar } from './callback-ear';
import { giveBack } from './give-back';
import type { LoadReport } from './contracts';
import { acknowledged, type Merchant, type PaymentSeen, type Reply } from './merchant';

const burstSize = 50;
/** Longer than any wait of a story, so that what expires does so after the story, and within the run. */
const expiresInSeconds = 90;

export interface Stage {
  merchant: Merchant;
  ear: CallbackEar;
  report: LoadReport;
  strangerKey: string;
}

/** One order from beginning to end, as its merchant and its customer live it. */
export async function play(story: Story, stage: Stage): Promise<void> {
  if (story.callback !== undefined) stage.ear.failFor(story.orderId, story.callback);
  if (story.creation !== undefined) {
    const { description } = order(story);
    await stage.merchant.fault({ ...story.creation, operation: 'create', description, count: 1 });
  }
  const started = await start(story, stage);
  if (started === undefined) return;
  await parts[story.kind](story, started, stage);
}

type Part = (story: Story, started: PaymentSeen, stage: Stage) => Promise<void>;

const parts: Record<StoryKind, Part> = {
  pay,
  burst: pay,
  async refund(story, started, stage) {
    await pay(story, started, stage);
    await giveBack(story, started, stage);
  },
  abandon: async () => undefined,
  async decline(story, { id }, stage) {
    const payment = await stage.merchant.actionable(id);
    if (payment !== undefined) await press(payment, 'decline', stage, story.webhook);
  },
  async retry(_story, { id }, stage) {
    const payment = await stage.merchant.actionable(id);
    if (payment === undefined) return;
    // The news of the decline comes when all is over.
    await press(payment, 'decline', stage, { kind: 'webhook_delayed', ms: 3_000 });
    count(stage, 'attempt');
    const tried = await stage.merchant.insist(() => stage.merchant.post(`/payments/${id}/attempts`, {}));
    if (tried === undefined || tried.status >= 300) return;
    const again = await stage.merchant.actionable(id, 2);
    if (again !== undefined) await press(again, 'pay', stage);
  },
  async cancel(_story, { id }, stage) {
    await stage.merchant.actionable(id);
    await cancel(id, stage);
  },
  async race(story, { id }, stage) {
    const payment = await stage.merchant.actionable(id);
    if (payment === undefined) return;
    fault(stage, 'paid_and_cancelled_at_once');
    await Promise.all([press(payment, 'pay', stage, story.webhook), cancel(id, stage)]);
  },
  async conflict(story, started, stage) {
    count(stage, 'start_conflicting');
    const other = { ...order(story), amount: `${BigInt(story.amount.split('.')[0] ?? 1) + 1n}` };
    const reply = await stage.merchant.insist(() => stage.merchant.post('/payments', other));
    if (reply !== undefined && reply.status !== 409) {
      stage.report.problems.push(`I7: ${story.orderId} with another amount was answered ${reply.status}`);
    }
    await pay(story, started, stage);
  },
  async late(story, { id }, stage) {
    const payment = await stage.merchant.actionable(id);
    if (payment === undefined || !(await cancel(id, stage))) return;
    await stage.merchant.fault({ kind: 'allow_late_payment', reference: reference(payment), count: 1 });
    await press(payment, 'pay', stage, story.webhook);
  },
  async repeat(story, started, stage) {
    await pay(story, started, stage);
    count(stage, 'start_repeated');
    const reply = await stage.merchant.insist(() => stage.merchant.post('/payments', order(story)));
    if (reply !== undefined && reply.status < 300) same(started, reply, stage);
  },
  async stranger(story, started, stage) {
    await pay(story, started, stage);
    for (const name of [started.id, started.orderId]) {
      count(stage, 'read_by_stranger');
      const reply = await stage.merchant.read(name, stage.strangerKey);
      if (reply !== undefined && reply.status !== 404) {
        stage.report.problems.push(`I10: a stranger who asked for ${name} was answered ${reply.status}`);
      }
    }
  },
};

async function pay(story: Story, { id }: PaymentSeen, stage: Stage): Promise<void> {
  const payment = await stage.merchant.actionable(id);
  if (payment !== undefined) await press(payment, 'pay', stage, story.webhook);
}

async function start(story: Story, stage: Stage): Promise<PaymentSeen | undefined> {
  const { merchant, report } = stage;
  const post = (hangUpAfterMs?: number) => merchant.post('/payments', order(story), hangUpAfterMs);
  count(stage, 'start');
  if (story.hangUpAfterMs !== undefined) {
    fault(stage, 'answer_not_waited_for');
    const early = await post(story.hangUpAfterMs);
    if (early !== undefined && early.status < 300) report.acknowledged.push(acknowledged(early));
  }
  if (story.kind === 'burst') {
    fault(stage, 'fifty_posts_at_once');
    const replies = await Promise.all(Array.from({ length: burstSize }, () => post()));
    for (const reply of replies) {
      if (reply !== undefined && reply.status < 300) report.acknowledged.push(acknowledged(reply));
    }
  }
  const reply = await merchant.insist(() => post());
  if (reply === undefined) report.unanswered.push(story.orderId);
  if (reply === undefined || reply.status >= 300) {
    const code = reply?.body.error?.code;
    if (reply !== undefined)
      report.problems.push(`I7: ${story.orderId} was refused: ${reply.status} ${code}`);
    return undefined;
  }
  report.acknowledged.push(acknowledged(reply));
  if (reply.body.amount !== story.amount) {
    report.problems.push(
      `I7: ${story.orderId} is of ${reply.body.amount}, and ${story.amount} was asked for`,
    );
  }
  return reply.body;
}

function order(story: Story) {
  return {
    orderId: story.orderId,
    amount: story.amount,
    currency: story.currency,
    description: `Order ${story.orderId}`,
    customer: { email: story.email },
    // Without it the merchant's own, short expiry counts.
    ...(story.kind === 'abandon' || story.kind === 'decline' ? {} : { expiresInSeconds }),
  };
}

async function press(
  payment: PaymentSeen,
  button: 'pay' | 'decline',
  stage: Stage,
  webhook?: SandboxFault,
): Promise<void> {
  count(stage, `customer_${button}`);
  // Two events of different payments change places; any other fault is this payment's own.
  const target = webhook?.kind === 'webhook_reordered' ? {} : { reference: reference(payment) };
  const strikes = webhook?.kind === 'webhook_reordered' ? 2 : 1;
  if (webhook !== undefined) await stage.merchant.fault({ ...webhook, ...target, count: strikes });
  await stage.merchant.checkout(payment, button);
}

async function cancel(id: string, stage: Stage): Promise<boolean> {
  count(stage, 'cancel');
  const reply = await stage.merchant.insist(() => stage.merchant.post(`/payments/${id}/cancel`, {}));
  if (reply?.status !== 200 || reply.body.status !== 'cancelled') return false;
  stage.report.acknowledged.push({ ...acknowledged(reply), isCancelled: true });
  return true;
}

function same(started: PaymentSeen, reply: Reply, { report }: Stage): void {
  if (reply.body.id !== started.id) {
    report.problems.push(`I7: ${started.orderId} was ${started.id} and is ${reply.body.id}`);
  }
}

function reference({ id, attempts }: PaymentSeen): string {
  return `${id}-${attempts}`;
}

function count({ report }: Stage, operation: string): void {
  report.operations[operation] = (report.operations[operation] ?? 0) + 1;
}

function fault({ report }: Stage, kind: string): void {
  report.faults[kind] = (report.faults[kind] ?? 0) + 1;
}
