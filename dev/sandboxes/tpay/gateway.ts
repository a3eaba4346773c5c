import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerWithFaults, strikeBefore, type BadDays } from '../parts/broken-answers';
import type { Faults, Operation } from '../parts/faults';
import { json, readBody, write, type Answer } from '../parts/http-answers';
import type { Book, Refusal, Result } from './book';
import type { Cashier } from './cashier';
import type { SignatureProblem } from './gateway-signature';
import { dollars, refundMessage, tradeMessage, type Trade } from './trade';

export interface GatewayDependencies {
  book: Book;
  cashier: Cashier;
  faults: Faults;
  checkSignature: (form: URLSearchParams) => SignatureProblem | undefined;
  now: () => number;
  publicUrl: () => string;
}

const outNo = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const webAddress = z.url({ protocol: /^https?$/ }).max(2_048);

const createSchema = z.object({
  out_trade_no: outNo,
  amount: z.string(),
  currency: z.string(),
  subject: z.string().max(256).default(''),
  notify_url: webAddress,
  return_url: webAddress.optional(),
  expire_at: z.string().regex(/^[0-9]{10}$/),
});

const tradeNoSchema = z.object({ out_trade_no: outNo });
const refundSchema = z.object({ out_trade_no: outNo, out_refund_no: outNo, amount: z.string() });
const refundNoSchema = z.object({ out_trade_no: outNo, out_refund_no: outNo });

type Code = Refusal | SignatureProblem | 'PARAM_INVALID' | 'AMOUNT_OUT_OF_RANGE' | 'CURRENCY_NOT_SUPPORTED';

const codes: Record<Code, string> = {
  PARAM_INVALID: '1001',
  SIGN_INVALID: '1002',
  NONCE_USED: '1003',
  TRADE_EXISTS: '2001',
  TRADE_NOT_FOUND: '2002',
  TRADE_PAID: '2003',
  NOT_PAYABLE: '2004',
  AMOUNT_OUT_OF_RANGE: '2005',
  CURRENCY_NOT_SUPPORTED: '2006',
  REFUND_NOT_FOUND: '3001',
  REFUND_EXISTS: '3002',
  REFUND_EXCEEDS_PAID: '3003',
  NOT_REFUNDABLE: '3004',
  BUSY: '5001',
};

/** TPay says everything with HTTP 200: the code in the envelope counts. */
function refuse(code: Code): Answer {
  return json(200, { code: codes[code], msg: code, data: null });
}

function accept(data: object): Answer {
  return json(200, { code: '0000', msg: 'OK', data });
}

const badDays: BadDays = {
  internalError: json(500, { code: '9999', msg: 'SYSTEM_ERROR', data: null }),
  notProcessed: refuse('BUSY'),
  rateLimited: json(200, { code: '5002', msg: 'TOO_MANY_REQUESTS', data: null }),
  withUnknownStatus: (answer) => {
    const body = JSON.parse(answer.body) as { data: object };
    return json(200, { ...body, data: { ...body.data, state: 'LEVITATING' } });
  },
};

type Service = (deps: GatewayDependencies, form: Record<string, string>) => Answer;

const services: Record<string, { operation: Operation; answer: Service }> = {
  '/gateway/trade/create': { operation: 'create', answer: create },
  '/gateway/trade/query': { operation: 'query', answer: query },
  '/gateway/trade/close': { operation: 'cancel', answer: close },
  '/gateway/refund/create': { operation: 'refund', answer: refund },
  '/gateway/refund/query': { operation: 'query', answer: queryRefund },
};

/** TPay's services as docs/channels/tpay.md describes them, with the faults of the day. */
export async function serveGateway(
  deps: GatewayDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const service = Object.hasOwn(services, url.pathname) ? services[url.pathname] : undefined;
  if (service === undefined || request.method !== 'POST') {
    return write(response, json(404, { message: 'no such service' }));
  }
  const form = new URLSearchParams(await readBody(request));
  const problem = deps.checkSignature(form);
  if (problem !== undefined) return write(response, refuse(problem));
  const target = { operation: service.operation, reference: form.get('out_trade_no') ?? '' };
  if (await strikeBefore(deps.faults, target, response, badDays)) return;
  const answer = service.answer(deps, Object.fromEntries(form));
  return answerWithFaults(deps.faults, target, response, answer, badDays);
}

function create(deps: GatewayDependencies, form: Record<string, string>): Answer {
  const wanted = createSchema.safeParse(form).data;
  if (wanted === undefined) return refuse('PARAM_INVALID');
  if (wanted.currency !== 'TWD') return refuse('CURRENCY_NOT_SUPPORTED');
  const amount = dollars(wanted.amount);
  if (amount === undefined) return refuse('PARAM_INVALID');
  if (amount < 1 || amount > 200_000) return refuse('AMOUNT_OUT_OF_RANGE');
  const expiresAt = Number(wanted.expire_at) * 1_000;
  if (expiresAt <= deps.now()) return refuse('PARAM_INVALID');
  const created = deps.book.create({
    orderNo: wanted.out_trade_no,
    amount,
    subject: wanted.subject,
    notifyUrl: wanted.notify_url,
    returnUrl: wanted.return_url ?? null,
    expiresAt,
  });
  // Worded before anyone pays: the answer shows the trade as it was made.
  const answer = ofTrade(deps, created);
  if (created.ok) deps.cashier.attend(created.value);
  return answer;
}

function query(deps: GatewayDependencies, form: Record<string, string>): Answer {
  const asked = tradeNoSchema.safeParse(form).data;
  if (asked === undefined) return refuse('PARAM_INVALID');
  const trade = deps.book.find(asked.out_trade_no);
  return trade ? ofTrade(deps, { ok: true, value: trade }) : refuse('TRADE_NOT_FOUND');
}

function close(deps: GatewayDependencies, form: Record<string, string>): Answer {
  const asked = tradeNoSchema.safeParse(form).data;
  return asked ? ofTrade(deps, deps.book.close(asked.out_trade_no)) : refuse('PARAM_INVALID');
}

function refund(deps: GatewayDependencies, form: Record<string, string>): Answer {
  const wanted = refundSchema.safeParse(form).data;
  const amount = wanted && dollars(wanted.amount);
  if (wanted === undefined || amount === undefined) return refuse('PARAM_INVALID');
  const made = deps.cashier.refund(wanted.out_trade_no, { refundNo: wanted.out_refund_no, amount });
  return made.ok ? accept(refundMessage(made.value.trade, made.value.refund)) : refuse(made.code);
}

function queryRefund(deps: GatewayDependencies, form: Record<string, string>): Answer {
  const asked = refundNoSchema.safeParse(form).data;
  if (asked === undefined) return refuse('PARAM_INVALID');
  const trade = deps.book.find(asked.out_trade_no);
  const found = trade?.refunds.find(({ refundNo }) => refundNo === asked.out_refund_no);
  return trade && found ? accept(refundMessage(trade, found)) : refuse('REFUND_NOT_FOUND');
}

function ofTrade({ publicUrl }: GatewayDependencies, result: Result<Trade>): Answer {
  return result.ok ? accept(tradeMessage(result.value, publicUrl())) : refuse(result.code);
}
