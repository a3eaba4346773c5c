import { startApi } from '../../api/server';
import { loadSettings } from '../../config/settings';
import { kpaySandboxAccount } from '../../dev/sandboxes/kpay/account';
import { freePorts } from '../../dev/stack/ports';
import { makeBuildCurrent } from '../../dev/stack/temporal-workers';
import { startWorker } from '../../workers/worker';
import { call } from '../support/api';
import { disputesOn } from '../support/disputes';
import { kpayEvent, signedBy } from '../support/kpay-event';
import { anOrder, startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { temporalAddress, temporalNamespace, uniqueTaskQueue } from '../support/temporal';

/** As docs/deployment.md has builds exchanged, with WORKER_VERSIONING=pinned. */
const deploymentName = uniqueTaskQueue('deployment');
const makeCurrent = (buildId: string) =>
  makeBuildCurrent(
    { address: temporalAddress(), namespace: temporalNamespace() },
    { deploymentName, buildId },
  );

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    settings: {
      WORKER_VERSIONING: 'pinned',
      WORKER_DEPLOYMENT_NAME: deploymentName,
      WORKER_BUILD_ID: 'one',
      SWEEP_INTERVAL_MS: '3600000',
    },
  });
  await makeCurrent('one');
});
afterAll(() => platform?.close());

async function startBuildTwo() {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const own = { API_PORT: String(port), API_PUBLIC_URL: url, WORKER_BUILD_ID: 'two' };
  const settings = loadSettings({ ...platform.env, ...own });
  const processes = await Promise.all([startApi(settings), startWorker(settings)]);
  return { url, stop: () => Promise.all(processes.map((process) => process.stop())) };
}

async function buildOf(orderId: string): Promise<string | null | undefined> {
  const handle = platform.temporal.workflow.getHandle(platform.workflowId(orderId));
  const { raw } = await handle.describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

it('a payment ends on the build that began it, a dispute goes on with the one that is current', async () => {
  const disputes = disputesOn(platform);
  const disputed = await disputes.paidPayment();
  const atBank = await disputes.open(disputed);
  await platform.callbacks.waitFor(disputed.orderId, 'dispute.opened');
  const open = await platform.openPayment();

  const two = await startBuildTwo();
  try {
    await makeCurrent('two');
    // The worker goes first: what is slow or late is its alone. The API that began payments stays until they have ended.
    await platform.stopWorker();
    const raw = JSON.stringify(kpayEvent(`${open.id}-1`));
    const headers = signedBy(kpaySandboxAccount.webhookSecret, raw);
    expect((await call(two.url, 'POST', platform.webhookPath, { raw, headers })).status).toBe(200);
    await platform.waitForStatus(open.id, 'succeeded');
    expect(await buildOf(open.orderId)).toBe('one');

    await disputes.decide(atBank, 'win');
    await platform.callbacks.waitFor(disputed.orderId, 'dispute.won');

    await platform.stopApi();
    const reply = await call(two.url, 'POST', '/api/v1/payments', {
      key: platform.merchant.apiKey,
      body: anOrder(),
    });
    expect(reply.status).toBe(201);
    const begun = reply.body as PaymentBody;
    const metrics = (await call(two.url, 'GET', '/metrics')).text;
    expect(metrics).toMatch(/durapay_payment_starts_total\{where="eager"\} 1\n/);
    await platform.checkout(begun, 'pay');
    const event = JSON.stringify(kpayEvent(`${begun.id}-1`));
    await call(two.url, 'POST', platform.webhookPath, {
      raw: event,
      headers: signedBy(kpaySandboxAccount.webhookSecret, event),
    });
    await platform.callbacks.waitFor(begun.orderId, 'payment.succeeded');
    expect(await buildOf(begun.orderId)).toBe('two');
  } finally {
    await two.stop();
  }
});
