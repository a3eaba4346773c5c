import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExchangeLimits } from '../../../domain/exchange/quote';
import { planPayment, type PaymentSetup } from '../../../domain/payment/plan';
import { waitsForChannel } from '../../../domain/payment/no-channel';
import { presentPayment } from '../../../domain/payment/present';
import type { Mode } from '../../../domain/payment/reference';
import type { PaymentRequest } from '../../../domain/payment/request';
import type { ChannelRouter } from '../../../domain/routing/contracts';
import type { Database } from '../../../db/pool';
import { findExchangeTerms } from '../../../db/read-models/exchange-terms';
import { loadPaymentByOrder } from '../../../db/stores/payments-store';
import type { MerchantCaller } from '../../caller';
import { ApiError, fail } from '../../errors';
import { canonicalJson } from '../../json';
import { defineRoute, type Route } from '../../route';
import { readAmount } from '../../schemas/amount';
import { findPayment } from './commands';
import { conflict, type ComparedRequest } from './conflict';
import { readKept } from './kept-method';
import { paymentBody, startPaymentBody } from './messages';
import { refuse } from './refusals';
import type { Started } from './start-payment';

export interface PaymentRoutesDeps {
  database: Database;
  setupOf(merchantId: string, mode: Mode): Promise<(PaymentSetup & { defaultCurrency: string }) | undefined>;
  route: ChannelRouter;
  exchange: ExchangeLimits;
  startPayment(request: PaymentRequest): Promise<Started>;
  newId(): string;
}

export function createPaymentRoutes(deps: PaymentRoutesDeps): Route[] {
  const startPayment = defineRoute({
    operationId: 'startPayment',
    method: 'post',
    path: '/payments',
    tag: 'Payments',
    summary: 'Start a payment',
    description:
      'Answers with what the customer has to do next. Repeating the same request returns the same payment and charges once; this is also what to do after a 503 or a lost answer.',
    auth: 'merchant',
    body: startPaymentBody,
    responses: {
      201: { description: 'The payment was started.', body: paymentBody },
      200: {
        description: 'This orderId was started before, by the same request: here it is.',
        body: paymentBody,
      },
      202: {
        description: 'The payment is written down; the channel has not answered yet. Read it again.',
        body: paymentBody,
      },
    },
    errors: [
      'currency_unknown',
      'amount_invalid',
      'amount_not_positive',
      'amount_too_precise',
      'amount_not_exact',
      'amount_too_large',
      'card_number_refused',
      'order_conflict',
      'order_closed',
      'outcome_unknown',
      'merchant_suspended',
      'payment_config_missing',
      'currency_not_enabled',
      'amount_outside_limits',
      'amount_not_taken',
      'channel_not_available',
      'callback_secret_missing',
      'rate_unknown',
      'rate_stale',
      'quote_unknown',
      'quote_used',
      'quote_expired',
      'quote_mismatch',
      'amount_too_small',
      'saved_method_gone',
    ],
    handler: async ({ caller, body, idempotency }) => {
      const setup = await deps.setupOf(caller.merchantId, caller.mode);
      if (setup === undefined) return fail('payment_config_missing');
      const currency = body.currency ?? setup.defaultCurrency;
      const amount = readAmount(body.amount, currency);
      if (typeof amount !== 'bigint') return amount;
      const provider = body.provider === 'auto' ? undefined : body.provider;

      const { settleCurrency, quoteId } = body;
      if (quoteId !== undefined && settleCurrency === undefined) {
        return fail('parameter_missing', { param: 'settleCurrency', message: 'A quote is for an exchange.' });
      }
      const requestHash = hashOf({ ...body, amount: amount.toString(), currency, provider });
      const asked = { ...body, amountMinor: amount.toString(), currency, provider, requestHash };
      const kept = await readKept(deps.database, caller, body);
      if (kept instanceof ApiError) return (await answerStanding(deps, caller, asked)) ?? kept;
      const refused = (why: Parameters<typeof refuse>[0]) =>
        refuse(why, setup, { currency, provider, method: body.method });
      const planned = planPayment(
        setup,
        {
          ...body,
          ...kept,
          amount,
          currency,
          provider,
          mode: caller.mode,
          paymentId: idempotency.resourceId,
        },
        deps.route,
      );
      if (!planned.ok) {
        return (await answerStanding(deps, caller, asked)) ?? refused(planned);
      }
      if (body.callbackUrl !== undefined && planned.plan.callbackEndpointId === undefined) {
        return fail('callback_secret_missing', { param: 'callbackUrl' });
      }
      // Within one currency there is nothing to exchange; only who settles elsewhere pays for looking.
      const exchanged =
        settleCurrency === undefined || settleCurrency === currency ? undefined : { settleCurrency, quoteId };
      if (exchanged !== undefined) {
        const terms = await findExchangeTerms(deps.database, deps.exchange, {
          ...{ paymentId: idempotency.resourceId, merchantId: caller.merchantId, mode: caller.mode },
          ...{ amountMinor: amount.toString(), currency, ...exchanged },
        });
        if (!terms.ok) {
          return (await answerStanding(deps, caller, asked)) ?? refused(terms);
        }
      }
      const expiryMs =
        body.expiresInSeconds === undefined ? planned.plan.expiryMs : body.expiresInSeconds * 1_000;
      const now = Date.now();
      const request: PaymentRequest = {
        paymentId: idempotency.resourceId,
        merchantId: caller.merchantId,
        mode: caller.mode,
        orderId: body.orderId,
        amountMinor: amount.toString(),
        currency,
        description: body.description,
        returnUrl: body.returnUrl,
        metadata: body.metadata,
        provider,
        method: body.method,
        capture: body.capture,
        customer: body.customer,
        clientIp: body.clientIp,
        deviceFingerprint: body.deviceFingerprint,
        country: body.country,
        callbackUrl: body.callbackUrl,
        ...exchanged,
        ...kept,
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + expiryMs).toISOString(),
        requestHash,
      };
      const started = await deps.startPayment(request);
      return started.kind === 'refused' ? refused(started) : answerStarted(request, started);
    },
  });

  const getPayment = defineRoute({
    operationId: 'getPayment',
    method: 'get',
    path: '/payments/{id}',
    tag: 'Payments',
    summary: 'Read a payment by its orderId or its id',
    auth: 'either',
    params: z.strictObject({ id: z.string().min(1).max(64) }),
    responses: { 200: { description: 'The payment.', body: paymentBody } },
    errors: ['not_found'],
    handler: async ({ caller, params }) => {
      const stored = await findPayment(deps.database, caller, params.id);
      if (stored === undefined) return fail('not_found');
      return { status: 200 as const, body: presentPayment(stored.request, stored.state) };
    },
  });

  return [startPayment, getPayment];
}

/** A payment that began under yesterday's settings is still there to be returned under today's. */
async function answerStanding(
  deps: PaymentRoutesDeps,
  caller: MerchantCaller,
  asked: Asked & Pick<PaymentRequest, 'orderId'>,
) {
  const stored = await loadPaymentByOrder(deps.database, caller, asked.orderId);
  return stored && answerStarted(asked, { kind: 'payment', ...stored, isNew: false });
}

type Asked = ComparedRequest & Pick<PaymentRequest, 'requestHash'>;

function answerStarted(asked: Asked, started: Exclude<Started, { kind: 'refused' }>) {
  if (started.kind === 'unknown') return fail('outcome_unknown');
  const { request, state } = started;
  const body = presentPayment(request, state);
  if (request.requestHash !== asked.requestHash) return conflict(asked, request, state.status);
  if (!started.isNew) return { status: 200 as const, headers: { 'Idempotent-Replayed': 'true' }, body };
  // A payment that waits for a channel has its answer: it is kept, and others see to it.
  const isUnanswered = state.status === 'pending' && !waitsForChannel(state);
  return isUnanswered ? { status: 202 as const, body } : { status: 201 as const, body };
}

function hashOf(content: Record<string, unknown>): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
