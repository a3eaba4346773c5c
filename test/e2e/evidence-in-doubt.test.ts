import { createSubmitEvidence } from '../../api/routes/disputes/submit-evidence';
import { createDisputeStarter } from '../../activities/dispute/workflow-starter';
import { newId } from '../../db/ids';
import { beginEvidenceCall, evidencePlace, insertEvidence } from '../../db/stores/dispute-evidence-store';
import { loadDispute } from '../../db/stores/disputes-store';
import { parsePublicId } from '../../domain/ids';
import { createLog } from '../../telemetry/log';
import { disputeWorkflowId } from '../../workflows/contracts';
import { disputesOn } from '../support/disputes';
import { startPlatform, type PaymentBody, type Platform } from '../support/platform';
import { until } from '../support/until';

let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
beforeAll(async () => {
  platform = await startPlatform({ settings: { CHANNEL_TIMEOUT_MS: '900' } });
  disputes = disputesOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const bookOf = ({ id }: PaymentBody) => platform.sandbox.find(`${id}-1`)?.disputes ?? [];

async function evidenceTold({ id }: PaymentBody): Promise<{ by: string; what: string }[]> {
  const { apiKey: key } = platform.merchant;
  const { body } = await platform.call('GET', `/api/v1/payments/${id}/timeline`, { key });
  const { lines } = body as { lines: { source: string; by: string; what: string }[] };
  return lines.filter(({ source }) => source === 'dispute').map(({ by, what }) => ({ by, what }));
}

async function disputed() {
  const payment = await disputes.paidPayment();
  const atBank = await disputes.open(payment);
  const { id } = await disputes.of(payment);
  return { payment, atBank, id };
}

/** The channel has it and its answer was lost; then the bank decides, before anybody has asked again. */
async function decidedInDoubt(answersLost: number) {
  const made = await disputed();
  platform.sandbox.addFault({ kind: 'drop_after', operation: 'evidence', count: answersLost });
  const headers = { 'idempotency-key': `in-doubt-${made.id}` };
  const send = () => disputes.send(made.id, { text: 'It was signed for.' }, headers);
  const sending = send();
  await until('the bank has it', () => bookOf(made.payment)[0]?.evidence === 1);
  await disputes.decide(made.atBank, 'win');
  await disputes.waitFor(made.id, 'won');
  return { ...made, send, sending };
}

it('is asked of the channel again, also when the dispute is over by then', async () => {
  const { payment, id, send, sending } = await decidedInDoubt(2);
  const first = await sending;
  expect([first.status, first.body]).toMatchObject([201, { status: 'accepted' }]);
  expect((await send()).body).toEqual(first.body);
  expect(bookOf(payment)).toMatchObject([{ status: 'won', evidence: 1 }]);
  expect(await disputes.read(id)).toMatchObject({
    status: 'won',
    evidenceSentAt: expect.any(String) as string,
    evidence: [{ status: 'accepted' }],
  });
  const { rows } = await platform.database.query<{ fits: boolean }>(
    'select evidence_sent_at <= finished_at and wake_at is null as fits from disputes where id = $1',
    [parsePublicId('dispute', id)],
  );
  expect(rows).toEqual([{ fits: true }]);
  expect((await evidenceTold(payment)).at(-1)).toEqual({ by: 'kpay', what: 'kpay took the evidence.' });
});

it('is not told as never sent, for the channel may have it', async () => {
  const { payment, id } = await disputed();
  platform.sandbox.addFault({ kind: 'drop_after', operation: 'evidence', count: 2 });
  const sending = disputes.send(id, { text: 'It was signed for.' });
  await until('the bank has it', () => bookOf(payment)[0]?.evidence === 1);
  const { apiKey: key } = platform.merchant;
  const { body } = await platform.call('GET', `/api/v1/payments/${payment.id}/timeline`, { key });
  const { why, next } = body as { why: string; next: { what: string }[] };
  expect(why).toMatch(
    /100\.50 USD \(.+\); evidence has been sent, and kpay has not said whether it has it\.$/,
  );
  expect(next[0]?.what).toBe('kpay is asked until it says whether it has the evidence.');
  expect((await sending).status).toBe(201);
});

it('also when Temporal has lost its workflow', async () => {
  const { payment, atBank, send, sending } = await decidedInDoubt(1_000);
  const workflowId = disputeWorkflowId({
    channelConfigId: platform.channelConfigId,
    providerRef: atBank.dispute_id,
  });
  await platform.temporal.workflow.getHandle(workflowId).terminate('lost');
  platform.sandbox.clearFaults();
  await sending;
  const again = await send();
  expect([again.status, again.body]).toMatchObject([201, { status: 'accepted' }]);
  expect(bookOf(payment)).toMatchObject([{ evidence: 1 }]);
});

describe('of a dispute that has ended', () => {
  async function given(how: { isCalledFor: boolean }) {
    const { payment, atBank, id } = await disputed();
    const dispute = await loadDispute(platform.database, { id: parsePublicId('dispute', id) ?? '' });
    if (dispute === undefined) throw new Error('no dispute');
    await disputes.decide(atBank, 'win');
    await platform.temporal.workflow.getHandle(disputeWorkflowId(dispute)).result();
    const evidence = { evidenceId: newId(), by: { role: 'merchant', keyId: newId() } } as const;
    const content = platform.secretBox.seal('{"text":"late"}', evidencePlace(evidence.evidenceId));
    await insertEvidence(platform.database, {
      ...{ id: evidence.evidenceId, disputeId: dispute.id, kind: 'other', contentType: 'text/plain' },
      ...{ bytes: 4, content, uploadedBy: evidence.by },
    });
    if (how.isCalledFor) await beginEvidenceCall(platform.database, evidence.evidenceId);
    const { temporal: client, queues, database } = platform;
    const log = createLog({ level: 'silent', process: 'test' });
    const submit = createSubmitEvidence({
      ...{
        database,
        client,
        log,
        disputes: createDisputeStarter({ client, queues }),
        answerWithinMs: 15_000,
      },
    });
    return { payment, submitted: await submit(dispute, evidence) };
  }

  it('what was never sent is refused here, and told as that', async () => {
    const { payment, submitted } = await given({ isCalledFor: false });
    expect(submitted).toMatchObject({ kind: 'refused', error: { code: 'dispute_closed' } });
    const told = { by: 'durapay', what: 'The evidence was not sent to kpay: dispute_closed.' };
    expect((await evidenceTold(payment)).at(-1)).toEqual(told);
  });

  it('what may have been sent is refused by the channel alone', async () => {
    const { payment, submitted } = await given({ isCalledFor: true });
    const error = { code: 'dispute_closed', rawCode: 'dispute_closed' };
    expect(submitted).toMatchObject({ kind: 'refused', error });
    const told = { by: 'kpay', what: 'kpay refused the evidence: dispute_closed.' };
    expect((await evidenceTold(payment)).at(-1)).toEqual(told);
  });
});
