import { newId } from '../../db/ids';
import { evidencePlace, insertEvidence } from '../../db/stores/dispute-evidence-store';
import { parsePublicId, publicId } from '../../domain/ids';
import { disputeWorkflowId } from '../../workflows/contracts';
import { disputesOn } from '../support/disputes';
import { startPlatform, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
beforeAll(async () => {
  platform = await startPlatform();
  disputes = disputesOn(platform);
});
afterAll(() => platform?.close());

async function disputed() {
  const payment = await disputes.paidPayment();
  const atBank = await disputes.open(payment);
  const { id } = await disputes.of(payment);
  const providerRef = atBank.dispute_id;
  const workflow = platform.temporal.workflow.getHandle(
    disputeWorkflowId({ channelConfigId: platform.channelConfigId, providerRef }),
  );
  const asBankHasIt = () => platform.sandbox.find(`${payment.id}-1`)?.disputes[0];
  return { id, atBank, workflow, asBankHasIt };
}

/** As a process leaves it that dies, or does not reach Temporal, after it was written down. */
async function leaveBehind(disputeId: string): Promise<string> {
  const id = newId();
  await insertEvidence(platform.database, {
    ...{ id, disputeId: parsePublicId('dispute', disputeId) ?? '', kind: 'other', contentType: 'text/plain' },
    content: platform.secretBox.seal('{"text":"It was signed for."}', evidencePlace(id)),
    ...{ bytes: 18, uploadedBy: { role: 'merchant', keyId: newId() } },
  });
  await platform.database.query(
    `update dispute_evidence set created_at = now() - interval '1 hour' where id = $1`,
    [id],
  );
  return publicId('evidence', id);
}

async function settled(disputeId: string, evidenceId: string): Promise<object> {
  await platform.sweep('disputes');
  return until('it is settled', async () => {
    const { evidence } = await disputes.read(disputeId);
    return evidence.find(({ id, status }) => id === evidenceId && status !== 'received');
  });
}

it('evidence that did not reach its workflow is brought to the bank by the sweep', async () => {
  const { id, asBankHasIt } = await disputed();
  const evidenceId = await leaveBehind(id);
  expect(await settled(id, evidenceId)).toMatchObject({ status: 'accepted' });
  await disputes.waitFor(id, 'under_review');
  expect(asBankHasIt()).toMatchObject({ evidence: 1 });
});

it('also when Temporal has lost the workflow', async () => {
  const { id, workflow, asBankHasIt } = await disputed();
  const evidenceId = await leaveBehind(id);
  await workflow.terminate('lost');
  expect(await settled(id, evidenceId)).toMatchObject({ status: 'accepted' });
  expect(asBankHasIt()).toMatchObject({ evidence: 1 });
});

it('of a dispute that has ended it is refused, and says why', async () => {
  const { id, atBank, workflow, asBankHasIt } = await disputed();
  await disputes.decide(atBank, 'win');
  await workflow.result();
  const evidenceId = await leaveBehind(id);
  expect(await settled(id, evidenceId)).toMatchObject({
    ...{ status: 'refused', error: { code: 'dispute_closed' } },
  });
  expect(asBankHasIt()).toMatchObject({ evidence: 0 });
});
