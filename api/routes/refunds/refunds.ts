import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Database } from '../../../db/pool';
import { findRefund, listRefunds } from '../../../db/read-models/refund-list';
import type { StoredPayment } from '../../../db/stores/payments-store';
import { loadRefund, loadRefundByNo, type StoredRefund } from '../../../db/stores/refunds-store';
import { findSuspense, type SuspendedMoney } from '../../../db/stores/suspense-store';
import type { PaymentState } from '../../../domain/payment/state';
import { isPaid, type PaymentStatus } from '../../../domain/payment/status';
import { presentRefund, type PublicRefund } from '../../../domain/refund/present';
import { isRefusal } from '../../../domain/refund/refusal';
import { suspenseId, type SuspenseKey } from '../../../domain/suspense/suspense-id';
import type { RefundAsk } from '../../../workflows/contracts';
import { askedBy, type Caller } from '../../caller';
import { ApiError, fail } from '../../errors';
import { canonicalJson } from '../../json';
import { defineRoute, type Idempotency, type Route } from '../../route';
import { amountErrors, readAmount, type AmountInput } from '../../schemas/amount';
import { idInPath } from '../../schemas/ids';
import { listOf, toList } from '../../schemas/list';
import { findPayment } from '../payments/commands';
import { createRefundBody, refundBody, refundPaymentBody } from './messages';
import { refundsQuery, readPage } from './query';

export interface RefundRoutesDeps {
  database: Database;
  startRefund(refundId: string, ask: RefundAsk): Promise<StoredRefund | undefined>;
}

const responses = {
  201: { description: 'The refund was begun; its status says how far it is.', body: refundBody },
  200: { description: 'This refundNo was used by the same request before: here it is.', body: refundBody },
};
const errors = [
  'not_found',
  'not_refundable',
  'not_accepted',
  'payment_disputed',
  'refund_exceeds_captured',
  'insufficient_balance',
  'refund_not_supported',
  'refund_conflict',
  'refund_outcome_unknown',
  ...amountErrors,
] as const;

const description =
  'Sets the amount aside and asks the channel to give it back. Send a refundNo, or an Idempotency-Key: then repeating the request refunds once. An operator names the payment by its id.';

/** Giving money back: begun here, done by a workflow of its own, readable at any time. */
export function refundRoutes(deps: RefundRoutesDeps): Route[] {
  const create = defineRoute({
    operationId: 'createRefund',
    method: 'post',
    path: '/refunds',
    tag: 'Refunds',
    summary: 'Refund a payment, wholly or in part',
    description,
    auth: 'either',
    body: createRefundBody,
    responses,
    errors,
    handler: async ({ caller, body, idempotency }) => {
      const { paymentId, orderId, ...what } = body;
      const stored = await findPayment(deps.database, caller, paymentId ?? orderId ?? '');
      return stored === undefined ? fail('not_found') : begin(stored, caller, what, idempotency);
    },
  });

  const refundPayment = defineRoute({
    operationId: 'refundPayment',
    method: 'post',
    path: '/payments/refund/{id}',
    tag: 'Refunds',
    summary: 'Refund a payment that the address names, wholly or in part',
    description,
    auth: 'either',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    body: refundPaymentBody,
    responses,
    errors,
    handler: async ({ caller, params, body, idempotency }) => {
      const stored = await findPayment(deps.database, caller, params.id);
      return stored === undefined ? fail('not_found') : begin(stored, caller, body, idempotency);
    },
  });

  const get = defineRoute({
    operationId: 'getRefund',
    method: 'get',
    path: '/refunds/{refundId}',
    tag: 'Refunds',
    summary: 'Read a refund',
    auth: 'either',
    params: z.strictObject({ refundId: idInPath('refund') }),
    responses: { 200: { description: 'The refund.', body: refundBody } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const refund = await findRefund(deps.database, caller, params.refundId);
      return refund === undefined ? fail('not_found') : { status: 200, body: present(refund) };
    },
  });

  const list = defineRoute({
    operationId: 'listRefunds',
    method: 'get',
    path: '/refunds',
    tag: 'Refunds',
    summary: 'List refunds, newest first',
    auth: 'either',
    query: refundsQuery,
    responses: { 200: { description: 'One page of refunds.', body: listOf(refundBody) } },
    errors: [],
    handler: async ({ caller, query }) => {
      const page = readPage(query);
      if (page instanceof ApiError) return page;
      const rows = await listRefunds(deps.database, caller, page);
      return { status: 200 as const, body: toList(rows, page.limit, present) };
    },
  });

  interface What {
    amount?: AmountInput;
    reason: string;
    suspenseId?: SuspenseKey;
    refundNo?: string;
  }

  async function begin(
    { request, state, captured }: StoredPayment,
    caller: Caller,
    what: What,
    { resourceId }: Idempotency,
  ) {
    const { paymentId, merchantId, mode } = request;
    const { reason, refundNo, suspenseId: lateCharge } = what;
    const late = lateCharge && (await findSuspense(deps.database, lateCharge));
    if (lateCharge !== undefined && late?.paymentId !== paymentId) {
      return fail('not_found', { param: 'suspenseId' });
    }
    const currency = late?.currency ?? request.currency;
    const amount = what.amount === undefined ? undefined : readAmount(what.amount, currency);
    if (amount instanceof ApiError) return amount;
    const amountMinor = amount?.toString();
    const ofWhich = lateCharge && { suspenseId: suspenseId(lateCharge) };
    const requestHash = hashOf({ paymentId, amountMinor, reason, refundNo, ...ofWhich });
    const known = refundNo === undefined ? undefined : await loadRefundByNo(deps.database, request, refundNo);
    if (known !== undefined) return answer(known, { requestHash, isNew: false });
    const refusal = late === undefined ? refusalOf(state.status) : refusalOfLate(late);
    // What this very request has refunded is its answer, whatever the payment has become since.
    const own = refusal && (await loadRefund(deps.database, resourceId));
    if (own !== undefined) return answer(own, { requestHash, isNew: true });
    if (refusal !== undefined) return fail(refusal);

    const refund = await deps.startRefund(resourceId, {
      ...{ paymentId, merchantId, mode, currency, amountMinor, reason, refundNo, lateCharge, requestHash },
      paymentAmountMinor: (late?.amount ?? leftOf(captured, state) ?? request.amountMinor).toString(),
      by: askedBy(caller),
    });
    if (refund === undefined) return fail('refund_outcome_unknown');
    return answer(refund, { requestHash, isNew: refund.id === resourceId });
  }

  return [create, refundPayment, get, list];
}

function refusalOf(status: PaymentStatus) {
  if (status === 'disputed') return 'payment_disputed';
  // What is captured of an authorised payment can be given back, and it may be captured at this moment.
  return isPaid(status) || status === 'authorized' ? undefined : 'not_refundable';
}

/** What a refund without an amount means; it is reckoned anew when that is set aside. */
function leftOf(captured: bigint, { refundedMinor = '0' }: PaymentState): bigint | undefined {
  const left = captured - BigInt(refundedMinor);
  return left > 0n ? left : undefined;
}

/** The merchant's when it was accepted, and that was carried out. */
function refusalOfLate({ decision, resolvedAt }: SuspendedMoney) {
  return decision === 'accept' && resolvedAt !== undefined ? undefined : 'not_accepted';
}

function answer(refund: StoredRefund, { requestHash, isNew }: { requestHash: string; isNew: boolean }) {
  if (refund.requestHash !== requestHash) return fail('refund_conflict', { param: 'refundNo' });
  const { error, reservation } = refund;
  if (reservation === undefined && error !== undefined && isRefusal(error.code)) return fail(error.code);
  if (isNew) return { status: 201 as const, body: present(refund) };
  return { status: 200 as const, headers: { 'Idempotent-Replayed': 'true' }, body: present(refund) };
}

function present(refund: StoredRefund): PublicRefund & { mode: StoredRefund['mode'] } {
  return { ...presentRefund(refund), mode: refund.mode };
}

function hashOf(content: Record<string, unknown>): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
