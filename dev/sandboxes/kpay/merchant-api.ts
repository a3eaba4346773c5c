import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { KpayAccount } from './account';
import type { Book, RefusalCode, Result } from './book';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import type { Cashier } from './cashier';
import type { Faults, Operation } from '../parts/faults';
import { json, parseJson, readBody, refusal, write, type Answer } from '../parts/http-answers';
import { captureMessage, disputeMessage, orderMessage, refundMessage, type Order } from './order';
import { statementPage } from './statement';

export interface MerchantApiDependencies {
  account: KpayAccount;
  book: Book;
  cashier: Cashier;
  faults: Faults;
  now: () => number;
  publicUrl: () => string;
}

const orderNo = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const webAddress = z.url({ protocol: /^https?$/ }).max(2_048);

const createSchema = z.object({
  merchant_order_no: orderNo,
  amount: z.int(),
  currency: z.string(),
  capture: z.enum(['automatic', 'manual']).default('automatic'),
  method: z.enum(['card', 'wallet']).nullish(),
  description: z.string().max(1_000).default(''),
  notify_url: webAddress,
  return_url: webAddress.nullish(),
  expires_at: z.iso.datetime(),
});

const refundSchema = z.object({
  refund_no: orderNo,
  amount: z.int().min(1).optional(),
  reason: z.string().max(1_000).optional(),
});

const captureSchema = z.object({
  capture_no: orderNo,
  amount: z.int().min(1),
  final: z.boolean().default(false),
});

const evidenceSchema = z.object({
  evidence_no: orderNo,
  text: z.string().max(20_000),
  documents: z
    .array(z.object({ name: z.string().max(255), content_type: z.string().max(100), content: z.base64() }))
    .max(10)
    .default([]),
});

const namedOrder = z.object({ merchant_order_no: z.string(), description: z.string().optional() });

/** Evidence comes with its documents. */
const bodyBytesMax = 2_097_152;

interface Route {
  operation: Operation;
  method: string;
  pattern: RegExp;
  answer(deps: MerchantApiDependencies, names: string[], body: unknown, url: URL): Answer;
}

const routes: Route[] = [
  { operation: 'create', method: 'POST', pattern: /^\/v1\/orders$/, answer: create },
  { operation: 'query', method: 'GET', pattern: /^\/v1\/orders\/([^/]+)$/, answer: query },
  { operation: 'cancel', method: 'POST', pattern: /^\/v1\/orders\/([^/]+)\/cancel$/, answer: cancel },
  { operation: 'capture', method: 'POST', pattern: /^\/v1\/orders\/([^/]+)\/captures$/, answer: capture },
  { operation: 'evidence', method: 'POST', pattern: /^\/v1\/disputes\/([^/]+)\/evidence$/, answer: evidence },
  { operation: 'refund', method: 'POST', pattern: /^\/v1\/orders\/([^/]+)\/refunds$/, answer: refund },
  {
    operation: 'query',
    method: 'GET',
    pattern: /^\/v1\/orders\/([^/]+)\/refunds\/([^/]+)$/,
    answer: queryRefund,
  },
  { operation: 'statement', method: 'GET', pattern: /^\/v1\/statements\/([^/]+)$/, answer: statement },
];

const badDays: BadDays = {
  internalError: refusal(500, 'internal_error', 'on demand'),
  notProcessed: refusal(503, 'not_processed', 'on demand'),
  rateLimited: refusal(429, 'too_many_requests', 'on demand'),
  withUnknownStatus: (answer) => {
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    return json(answer.status, { ...body, status: 'levitating' });
  },
};

/** KPay's endpoints as docs/channels/kpay.md describes them, with the faults of the day. */
export async function serveMerchant(
  deps: MerchantApiDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = await readBody(request, bodyBytesMax);
  if (text === undefined) return write(response, refusal(413, 'invalid_request', 'the body is too long'));
  if (!isSigned(deps, request, text)) {
    return write(response, refusal(401, 'invalid_signature', 'the signature or its time is wrong'));
  }
  for (const route of routes) {
    const match = route.method === request.method ? route.pattern.exec(url.pathname) : null;
    if (match === null) continue;
    const body = parseJson(text);
    const target = { operation: route.operation, ...orderIn(body), ...(match[1] && { reference: match[1] }) };
    if (await strikeBefore(deps.faults, target, response, badDays)) return;
    const answer = route.answer(deps, match.slice(1), body, url);
    return answerWithFaults(deps.faults, target, response, answer, badDays);
  }
  write(response, json(404, { message: 'no such path' }));
}

function isSigned(
  { account, now }: MerchantApiDependencies,
  request: IncomingMessage,
  body: string,
): boolean {
  const timestamp = String(request.headers['x-kpay-timestamp']);
  const given = /^v1=([0-9a-f]{64})$/.exec(String(request.headers['x-signature']))?.[1];
  if (request.headers['x-kpay-merchant'] !== account.merchantId || given === undefined) return false;
  if (!(Math.abs(now() / 1_000 - Number(timestamp)) <= 300)) return false;
  const signed = `${timestamp}.${request.method}.${request.url}.${body}`;
  const expected = createHmac('sha256', account.apiSecret).update(signed).digest();
  return timingSafeEqual(expected, Buffer.from(given, 'hex'));
}

function orderIn(body: unknown): { reference: string; description?: string } {
  const order = namedOrder.safeParse(body);
  return { reference: order.data?.merchant_order_no ?? '', description: order.data?.description };
}

function create(deps: MerchantApiDependencies, _names: string[], body: unknown): Answer {
  const wanted = createSchema.safeParse(body).data;
  if (wanted === undefined) return refusal(400, 'invalid_request', 'the order does not read');
  if (!['TWD', 'USD', 'EUR'].includes(wanted.currency)) {
    return refusal(422, 'currency_not_supported', `no orders in ${wanted.currency.slice(0, 10)}`);
  }
  if (wanted.amount < 1 || wanted.amount > 999_999_999_999) {
    return refusal(422, 'amount_out_of_range', 'the amount is out of range');
  }
  const expiresAt = Date.parse(wanted.expires_at);
  if (expiresAt <= deps.now() && deps.book.find(wanted.merchant_order_no) === undefined) {
    return refusal(400, 'invalid_request', 'expires_at is past');
  }
  const created = deps.book.create({
    orderNo: wanted.merchant_order_no,
    amount: wanted.amount,
    currency: wanted.currency,
    capture: wanted.capture,
    method: wanted.method ?? null,
    description: wanted.description,
    notifyUrl: wanted.notify_url,
    returnUrl: wanted.return_url ?? null,
    expiresAt,
  });
  if (!created.ok) return refused(deps, created);
  const { order, isNew } = created.value;
  // Worded before anyone pays: the answer shows the order as it was made.
  const answer = json(isNew ? 201 : 200, worded(deps, order));
  if (isNew) deps.cashier.attend(order);
  return answer;
}

function query(deps: MerchantApiDependencies, [no = '']: string[]): Answer {
  const order = deps.book.find(no);
  return order ? json(200, worded(deps, order)) : refused(deps, { ok: false, code: 'order_not_found' });
}

function cancel(deps: MerchantApiDependencies, [no = '']: string[]): Answer {
  if (!orderNo.safeParse(no).success) return refusal(400, 'invalid_request', 'no such order number can be');
  const cancelled = deps.book.cancel(no);
  return cancelled.ok ? json(200, worded(deps, cancelled.value)) : refused(deps, cancelled);
}

function capture(deps: MerchantApiDependencies, [no = '']: string[], body: unknown): Answer {
  const wanted = captureSchema.safeParse(body).data;
  if (wanted === undefined) return refusal(400, 'invalid_request', 'the capture does not read');
  const { capture_no: captureNo, amount, final: isFinal } = wanted;
  const made = deps.cashier.capture(no, { captureNo, amount, isFinal });
  if (!made.ok) return refused(deps, made);
  return json(made.value.isNew ? 201 : 200, captureMessage(made.value.order, made.value.capture));
}

function evidence(deps: MerchantApiDependencies, [disputeId = '']: string[], body: unknown): Answer {
  const given = evidenceSchema.safeParse(body).data;
  if (given === undefined) return refusal(400, 'invalid_request', 'the evidence does not read');
  const { evidence_no: evidenceNo, text, documents } = given;
  const filed = deps.book.fileEvidence(disputeId, { evidenceNo, text, documents: documents.length });
  if (!filed.ok) return refused(deps, filed);
  return json(200, disputeMessage(filed.value.order, filed.value.dispute));
}

function refund(deps: MerchantApiDependencies, [no = '']: string[], body: unknown): Answer {
  const wanted = refundSchema.safeParse(body).data;
  if (wanted === undefined) return refusal(400, 'invalid_request', 'the refund does not read');
  const made = deps.cashier.refund(no, { refundNo: wanted.refund_no, amount: wanted.amount });
  if (!made.ok) return refused(deps, made);
  return json(made.value.isNew ? 201 : 200, refundMessage(made.value.order, made.value.refund));
}

function queryRefund(deps: MerchantApiDependencies, [no = '', refundNo]: string[]): Answer {
  const order = deps.book.find(no);
  const found = order?.refunds.find((candidate) => candidate.refundNo === refundNo);
  if (order === undefined || found === undefined) return refusal(404, 'refund_not_found', 'no such refund');
  return json(200, refundMessage(order, found));
}

function statement(deps: MerchantApiDependencies, [date = '']: string[], _body: unknown, url: URL): Answer {
  const page = statementPage(deps.book.orders(), date, url.searchParams.get('cursor') ?? '0');
  return page ? json(200, page) : refusal(400, 'invalid_request', 'no such date or cursor');
}

function worded({ account, publicUrl }: MerchantApiDependencies, order: Order) {
  return orderMessage(order, account.merchantId, publicUrl());
}

const httpStatus: Record<RefusalCode, number> = {
  order_conflict: 409,
  order_closed: 409,
  order_not_found: 404,
  already_paid: 409,
  not_payable: 409,
  not_capturable: 422,
  capture_exceeds_authorized: 422,
  capture_conflict: 409,
  not_disputable: 422,
  dispute_not_found: 404,
  dispute_closed: 409,
  too_much_evidence: 422,
  not_refundable: 422,
  refund_exceeds_paid: 422,
  refund_conflict: 409,
  not_processed: 503,
};

function refused(deps: MerchantApiDependencies, result: Result<unknown> & { ok: false }): Answer {
  const order = result.order ? { order: worded(deps, result.order) } : {};
  return refusal(httpStatus[result.code], result.code, result.code.replaceAll('_', ' '), order);
}
