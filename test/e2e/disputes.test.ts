import { createSubmitEvidence } from '../../api/routes/disputes/submit-evidence';
import { newId } from '../../db/ids';
import { evidencePlace, insertEvidence } from '../../db/stores/dispute-evidence-store';
import { loadDispute } from '../../db/stores/disputes-store';
import { parsePublicId } from '../../domain/ids';
import { createLog } from '../../telemetry/log';
import { disputeWorkflowId } from '../../workflows/contracts';
import { disputesOn } from '../support/disputes';
import { startPlatform, type Platform } from '../support/platform';
import { refundsOn } from '../support/refunds';
import { until } from '../support/until';

let platform: Platform;
let disputes: ReturnType<typeof disputesOn>;
beforeAll(async () => {
  platform = await startPlatform({
    settings: { DISPUTE_REMIND_BEFORE_MS: '4000', WEBHOOK_SWEEP_AFTER_MS: '500', CHANNEL_TIMEOUT_MS: '900' },
  });
  disputes = disputesOn(platform);
});
afterAll(() => platform?.close());
afterEach(() => platform.sandbox.clearFaults());

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(70_000, 7)]);
const bookOf = (paymentId: string) => platform.sandbox.find(`${paymentId}-1`)?.disputes ?? [];
const typesTold = (orderId: string) =>
  platform.callbacks.events
    .filter(({ data, type }) => data.payment.orderId === orderId && type.startsWith('dispute.'))
    .map(({ type }) => type);

it('won: the amount is withheld, evidence goes to the bank, and the amount comes back', async () => {
  const payment = await disputes.paidPayment();
  const before = await disputes.balances();
  const atBank = await disputes.open(payment, { reason_code: 'goods_not_received' });
  const opened = await platform.callbacks.waitFor(payment.orderId, 'dispute.opened');
  expect(opened.data).toMatchObject({
    payment: { status: 'disputed' },
    dispute: { status: 'needs_response', amount: '100.50', reasonCode: 'goods_not_received' },
  });
  const dispute = await disputes.of(payment);
  expect(dispute).toMatchObject({ status: 'needs_response', paymentId: payment.id, evidence: [] });
  const withheld = await disputes.balances();
  expect(withheld).toEqual({ ...before, pending: before.pending - 10_050n, held: before.held + 10_050n });

  const sent = await disputes.send(dispute.id, {
    kind: 'delivery',
    text: 'It was signed for.',
    document: { name: 'receipt.pdf', contentType: 'application/pdf', content: pdf.toString('base64') },
  });
  expect([sent.status, sent.body]).toMatchObject([
    201,
    {
      object: 'evidence',
      kind: 'delivery',
      contentType: 'application/pdf',
      bytes: pdf.length,
      status: 'accepted',
    },
  ]);
  expect(bookOf(payment.id)).toMatchObject([{ status: 'open', evidence: 1 }]);
  await platform.callbacks.waitFor(payment.orderId, 'dispute.under_review');
  expect(await disputes.read(dispute.id)).toMatchObject({
    status: 'under_review',
    evidenceSentAt: expect.any(String) as string,
  });

  await disputes.decide(atBank, 'win');
  const won = await platform.callbacks.waitFor(payment.orderId, 'dispute.won');
  expect(won.data).toMatchObject({ payment: { status: 'succeeded' }, dispute: { status: 'won' } });
  expect((await platform.readPayment(payment.id)).status).toBe('succeeded');
  expect(await disputes.balances()).toEqual(before);
  expect(await disputes.journalsOf(dispute.id)).toEqual(['dispute_hold', 'dispute_won']);
  expect(typesTold(payment.orderId)).toEqual(['dispute.opened', 'dispute.under_review', 'dispute.won']);

  const late = await disputes.send(dispute.id, { text: 'One more thing.' });
  expect([late.status, late.body]).toMatchObject([409, { error: { code: 'dispute_closed' } }]);
});

it('lost: the amount is gone, and the payment can not be refunded besides', async () => {
  const payment = await disputes.paidPayment();
  const before = await disputes.balances();
  const atBank = await disputes.open(payment);
  const dispute = await disputes.of(payment);
  await disputes.decide(atBank, 'lose');
  const lost = await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  expect(lost.data).toMatchObject({ payment: { status: 'disputed' }, dispute: { status: 'lost' } });
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 10_050n });
  expect(await disputes.journalsOf(dispute.id)).toEqual(['dispute_hold', 'dispute_lost']);
  const refund = await refundsOn(platform).ask({ paymentId: payment.id });
  expect([refund.status, refund.body]).toMatchObject([409, { error: { code: 'payment_disputed' } }]);
});

it('the end of the time for evidence is told before, and then the bank decides by what it has', async () => {
  const payment = await disputes.paidPayment();
  const atBank = await disputes.open(payment, { evidence_due_at: inMs(7_000) });
  await platform.callbacks.waitFor(payment.orderId, 'dispute.evidence_due');
  const dispute = await disputes.of(payment);
  expect(dispute.status).toBe('needs_response');
  await disputes.waitFor(dispute.id, 'under_review');
  const late = await disputes.send(dispute.id, { text: 'Too late.' });
  expect([late.status, late.body]).toMatchObject([409, { error: { code: 'evidence_too_late' } }]);
  await disputes.decide(atBank, 'win');
  await platform.callbacks.waitFor(payment.orderId, 'dispute.won');
  expect(typesTold(payment.orderId)).toEqual([
    'dispute.opened',
    'dispute.evidence_due',
    'dispute.under_review',
    'dispute.won',
  ]);
  const { rows } = await platform.database.query<{ provider_ref: string }>(
    'select provider_ref from disputes where id = $1',
    [dispute.id.slice(4)],
  );
  const workflowId = disputeWorkflowId({
    channelConfigId: platform.channelConfigId,
    providerRef: rows[0]?.provider_ref ?? '',
  });
  expect(await platform.temporal.workflow.getHandle(workflowId).result()).toEqual({ status: 'won' });
});

it('a payment that was refunded in part is that again when its dispute is won', async () => {
  const payment = await disputes.paidPayment();
  expect((await refundsOn(platform).ask({ paymentId: payment.id, amount: '40.00' })).status).toBe(201);
  const atBank = await disputes.open(payment, { amount: 6_050 });
  await platform.waitForStatus(payment.id, 'disputed');
  await disputes.decide(atBank, 'win');
  await platform.waitForStatus(payment.id, 'partially_refunded');
});

it('an end that is told before the beginning, and both twice, count once', async () => {
  platform.sandbox.addFault({ kind: 'webhook_duplicated', count: 4, times: 2 });
  const payment = await disputes.paidPayment();
  const before = await disputes.balances();
  platform.sandbox.addFault({ kind: 'webhook_delayed', count: 1, ms: 1_500 });
  const atBank = await disputes.open(payment);
  await disputes.decide(atBank, 'lose');
  await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
  const dispute = await disputes.of(payment);
  await until('all events are settled', async () => {
    const { rows } = await platform.database.query<{ status: string }>(
      `select status from webhook_inbox where payment_id = $1 and event ->> 'about' = 'dispute'`,
      [payment.id.slice(4)],
    );
    return rows.length === 2 && rows.every(({ status }) => status !== 'received');
  });
  expect(await disputes.read(dispute.id)).toMatchObject({ status: 'lost' });
  expect(await disputes.journalsOf(dispute.id)).toEqual(['dispute_hold', 'dispute_lost']);
  expect(await disputes.balances()).toEqual({ ...before, pending: before.pending - 10_050n });
  expect(typesTold(payment.orderId).sort()).toEqual(['dispute.lost', 'dispute.opened']);
});

it('a dispute that overtakes the news of the payment waits for it', async () => {
  const payment = await platform.openPayment();
  platform.sandbox.addFault({ kind: 'webhook_delayed', count: 1, ms: 1_500 });
  await platform.checkout(payment, 'pay');
  await disputes.open(payment);
  await platform.waitForStatus(payment.id, 'succeeded');
  await platform.sweep('webhooks');
  await platform.waitForStatus(payment.id, 'disputed');
  const dispute = await disputes.of(payment);
  expect(await disputes.journalsOf(dispute.id)).toEqual(['dispute_hold']);
});

describe('the payment’s timeline', () => {
  interface Told {
    why: string;
    next: { what: string; by: string | null }[];
    lines: { source: string; by: string; what: string; reference: string | null }[];
  }
  const told = async (paymentId: string) =>
    (await platform.call('GET', `/api/v1/payments/${paymentId}/timeline`, { key: platform.merchant.apiKey }))
      .body as Told;

  it('says why it is disputed, what comes next and when, and tells the evidence without its content', async () => {
    const payment = await disputes.paidPayment();
    const dueAt = inMs(60_000);
    const atBank = await disputes.open(payment, { evidence_due_at: dueAt, reason_code: 'fraudulent' });
    const dispute = await disputes.of(payment);
    const { evidenceDueAt } = dispute;
    const before = await told(payment.id);
    expect(before.why).toMatch(/100\.50 USD \(fraudulent\); no evidence/);
    expect(before.next).toEqual([
      { what: `The merchant sends evidence (POST /disputes/${dispute.id}/evidence).`, by: evidenceDueAt },
      {
        what: 'The merchant is reminded by callback.',
        by: new Date(Date.parse(evidenceDueAt ?? '') - 4_000).toISOString(),
      },
      { what: 'The time for evidence is over: the bank decides by what it has.', by: evidenceDueAt },
      { what: 'The bank decides about 100.50 USD, and kpay tells us.', by: null },
    ]);

    const sent = await disputes.send(dispute.id, { kind: 'delivery', text: 'Signed for by the neighbour.' });
    await disputes.waitFor(dispute.id, 'under_review');
    const after = await told(payment.id);
    expect(after.why).toMatch(/the bank is looking/);
    expect(after.next).toEqual([{ what: 'The bank decides about 100.50 USD, and kpay tells us.', by: null }]);
    const { id } = sent.body as { id: string };
    expect(after.lines.filter(({ source }) => source === 'dispute')).toMatchObject([
      { by: expect.stringMatching(/^merchant \(key key_/) as string, reference: id },
      { by: 'kpay', what: 'kpay took the evidence.', reference: id },
    ]);
    expect(JSON.stringify(after)).not.toContain('neighbour');

    await disputes.decide(atBank, 'lose');
    await platform.callbacks.waitFor(payment.orderId, 'dispute.lost');
    const over = await told(payment.id);
    expect(over.why).toMatch(/given the money back to the customer/);
    expect(over.next).toEqual([]);
  });
});

describe('evidence', () => {
  it('is kept sealed, and shown to its merchant without its content', async () => {
    const payment = await disputes.paidPayment();
    await disputes.open(payment);
    const { id } = await disputes.of(payment);
    const sent = await disputes.send(id, { text: 'Signed for by Ms. Lin' });
    expect(sent.status).toBe(201);
    const evidenceId = (sent.body as { id: string }).id;
    const { rows } = await platform.database.query<{ id: string; content: Buffer }>(
      'select id, content from dispute_evidence where dispute_id = $1',
      [id.slice(4)],
    );
    const [row] = rows;
    expect(row?.content.toString('latin1')).not.toContain('Ms. Lin');
    expect(
      platform.secretBox.openText(row?.content ?? Buffer.alloc(0), evidencePlace(row?.id ?? '')),
    ).toContain('Ms. Lin');
    const shown = await platform.call('GET', `/api/v1/disputes/${id}`, { key: platform.merchant.apiKey });
    expect(shown.body).toMatchObject({ evidence: [{ id: evidenceId, status: 'accepted' }] });
    expect(shown.text).not.toContain('Ms. Lin');
    const stranger = await platform.stranger();
    const path = `/api/v1/disputes/${id}`;
    expect((await platform.call('GET', path, { key: stranger.apiKey })).status).toBe(404);
    const foreign = await platform.call('POST', `${path}/evidence`, {
      key: stranger.apiKey,
      body: { text: 'x' },
    });
    expect(foreign.status).toBe(404);
  });

  it.each([
    ['nothing', {}, 'parameter_missing'],
    [
      'another type than it says',
      { document: { name: 'a.pdf', contentType: 'application/pdf', content: 'AAAA' } },
      'parameter_invalid',
    ],
    [
      'a type that is not taken',
      { document: { name: 'a.exe', contentType: 'application/x', content: 'AAAA' } },
      'parameter_invalid',
    ],
    [
      'what is no base64',
      { document: { name: 'a.txt', contentType: 'text/plain', content: '%%%' } },
      'parameter_invalid',
    ],
    ['a card number', { text: 'paid with 4242 4242 4242 4242' }, 'card_number_refused'],
    [
      'a card number in a document',
      {
        document: {
          name: 'a.txt',
          contentType: 'text/plain',
          content: Buffer.from('paid with 4242424242424242').toString('base64'),
        },
      },
      'card_number_refused',
    ],
    [
      'more than a megabyte',
      {
        document: {
          name: 'a.txt',
          contentType: 'text/plain',
          content: Buffer.alloc(1_200_000, 97).toString('base64'),
        },
      },
      'body_too_large',
    ],
  ])('that is %s is refused, and nothing is kept', async (_what, body, code) => {
    const payment = await disputes.paidPayment();
    await disputes.open(payment);
    const { id } = await disputes.of(payment);
    const reply = await disputes.send(id, body);
    expect(reply.body).toMatchObject({ error: { code } });
    expect(await disputes.read(id)).toMatchObject({ status: 'needs_response', evidence: [] });
  });

  it('sent twice under one key, or to a channel whose answer is lost, is filed once', async () => {
    const payment = await disputes.paidPayment();
    await disputes.open(payment);
    const { id } = await disputes.of(payment);
    platform.sandbox.addFault({ kind: 'drop_after', count: 1 });
    const headers = { 'idempotency-key': `evidence-${id}` };
    const first = await disputes.send(id, { text: 'It was signed for.' }, headers);
    const second = await disputes.send(id, { text: 'It was signed for.' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(bookOf(payment.id)).toMatchObject([{ evidence: 1 }]);
  });

  it('whose answer was lost is answered as before, also when its time is over and when the dispute has ended', async () => {
    const payment = await disputes.paidPayment();
    const atBank = await disputes.open(payment);
    const { id } = await disputes.of(payment);
    const headers = { 'idempotency-key': `evidence-lost-${id}` };
    const send = () => disputes.send(id, { text: 'It was signed for.' }, headers);
    const loseAnswer = () =>
      platform.database.query(
        'update idempotency_keys set response_status = null, response_body = null, locked_until = null where key = $1',
        [headers['idempotency-key']],
      );
    const first = await send();
    expect(first.status).toBe(201);

    await platform.database.query(
      `update disputes set evidence_due_at = now() - interval '1 s' where id = $1`,
      [parsePublicId('dispute', id)],
    );
    await loseAnswer();
    const late = await send();
    expect([late.status, late.body]).toEqual([201, first.body]);

    await disputes.decide(atBank, 'win');
    await disputes.waitFor(id, 'won');
    await loseAnswer();
    const ended = await send();
    expect([ended.status, ended.body]).toEqual([201, first.body]);
    expect(bookOf(payment.id)).toMatchObject([{ evidence: 1 }]);
  });

  it('reaches a dispute whose workflow Temporal has lost', async () => {
    const payment = await disputes.paidPayment();
    const { dispute_id } = await disputes.open(payment);
    const { id } = await disputes.of(payment);
    const workflowId = disputeWorkflowId({
      channelConfigId: platform.channelConfigId,
      providerRef: dispute_id,
    });
    await platform.temporal.workflow.getHandle(workflowId).terminate('lost');
    expect((await disputes.send(id, { text: 'It was signed for.' })).status).toBe(201);
    await disputes.waitFor(id, 'under_review');
  });

  it('that comes while the dispute ends is refused, and says that it has ended', async () => {
    const payment = await disputes.paidPayment();
    const atBank = await disputes.open(payment);
    const { id } = await disputes.of(payment);
    const before = await loadDispute(platform.database, { id: parsePublicId('dispute', id) ?? '' });
    if (before === undefined) throw new Error('no dispute');
    await disputes.decide(atBank, 'win');
    await platform.temporal.workflow.getHandle(disputeWorkflowId(before)).result();

    const given = { evidenceId: newId(), by: { role: 'merchant', keyId: newId() } } as const;
    const content = platform.secretBox.seal('{"text":"late"}', evidencePlace(given.evidenceId));
    await insertEvidence(platform.database, {
      ...{ id: given.evidenceId, disputeId: before.id, kind: 'other', contentType: 'text/plain', bytes: 4 },
      ...{ content, uploadedBy: given.by },
    });
    const submitEvidence = createSubmitEvidence({
      database: platform.database,
      client: platform.temporal,
      disputes: { resume: () => Promise.reject(new Error('it had not been lost')) },
      log: createLog({ level: 'silent', process: 'test' }),
      answerWithinMs: 15_000,
    });
    const refused = { kind: 'refused', error: { code: 'dispute_closed' } };
    expect(await submitEvidence(before, given)).toMatchObject(refused);
    expect((await disputes.read(id)).evidence).toMatchObject([{ status: 'refused' }]);
  });
});

describe('by the fee plans', () => {
  beforeAll(async () => {
    const plan = async (payer: string, terms: Record<string, unknown>) => {
      const body = { name: 'Disputes', payer, transactionType: 'dispute', currency: 'USD', terms };
      const reply = await platform.call('POST', '/api/v1/admin/fee-plans', {
        key: platform.operatorKey,
        body,
      });
      expect(reply.status).toBe(201);
    };
    await plan('merchant', { tiers: [{ percent: '1', fixed: '20.00' }] });
    await plan('platform', { tiers: [{ fixed: '15.00' }] });
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // configuration is read anew within a second
  });

  const books = async () => {
    const { rows } = await platform.database.query<{ kind: string; balance: bigint }>(
      `select kind, ledger_balance(id) as balance from ledger_accounts where currency = 'USD'`,
    );
    const of = (kind: string) => rows.find((row) => row.kind === kind)?.balance ?? 0n;
    return { income: -of('fee_income'), cost: of('channel_cost'), pending: -of('merchant_pending') };
  };

  it('a lost one costs the merchant its fee, and us what the channel takes, with the loss', async () => {
    const payment = await disputes.paidPayment();
    const before = await books();
    const atBank = await disputes.open(payment, { amount: 6_050 });
    const dispute = await disputes.of(payment);
    await disputes.decide(atBank, 'lose');
    await disputes.waitFor(dispute.id, 'lost');
    // 1 % of the 60.50 in dispute, and 20.00.
    expect(await books()).toEqual({
      income: before.income + 2_060n,
      cost: before.cost + 1_500n,
      pending: before.pending - 6_050n - 2_060n,
    });
    expect(await disputes.journalsOf(dispute.id)).toEqual(['dispute_hold', 'dispute_lost']);
  });

  it('one that is won costs nothing', async () => {
    const payment = await disputes.paidPayment();
    const before = await books();
    const atBank = await disputes.open(payment);
    const dispute = await disputes.of(payment);
    await disputes.decide(atBank, 'win');
    await disputes.waitFor(dispute.id, 'won');
    expect(await books()).toEqual(before);
  });
});
