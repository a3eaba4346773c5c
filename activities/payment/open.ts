import { callbackBody, type PaymentNews } from '../../domain/payment/callback-body';
import { waitsForChannel } from '../../domain/payment/no-channel';
import { planPayment, type PaymentPlan, type PlanRefusal } from '../../domain/payment/plan';
import { paymentWorkflowId } from '../../domain/payment/reference';
import type { PaymentRequest } from '../../domain/payment/request';
import { unbegunAttempts } from '../../db/stores/late-charges-store';
import { loadPaymentByOrder, type Opening, type StoredPayment } from '../../db/stores/payments-store';
import { endpointForPayment } from '../../db/stores/webhook-endpoints-store';
import type { PaymentInput } from '../../workflows/contracts';
import { failure } from '../failures';
import type { OpenedPayment, OwnedElsewhere } from './contracts';
import { openWithQuote, planConversion, type QuoteToLock } from './conversion';
import type { PaymentDeps } from './deps';
import { createAttempts, type Pace } from './attempts';
import { firstNewsWithinMs } from './first-news';
import { toCurrent, toOpened } from './to-opened';
import { createStillPayable } from './still-payable';

/**
 * The first step: writes the payment down, calls the channel, writes the answer down and hands it over. It may
 * run again at any point; what stands in the database then decides what is still to be done.
 */
export function createOpenPayment(deps: PaymentDeps) {
  const attempts = createAttempts(deps);
  const markStillPayable = createStillPayable(deps);
  let staying = 0;

  return async function openPayment(
    input: PaymentInput,
    pace: Pace,
  ): Promise<OpenedPayment | OwnedElsewhere> {
    const news = pace === 'fast' ? deps.firstNews.wait(workflowIdOf(input.request)) : undefined;
    try {
      const { opened, wasAwaited } = await open(input, pace);
      if (opened.kind === 'owned') return opened;
      const waitMs = firstNewsWithinMs(opened, {
        ...{ wasAwaited, now: Date.now() },
        upToMs: deps.timings.firstNewsWithinMs,
      });
      if (news !== undefined && waitMs > 0 && staying < deps.firstStepsStayingMax) {
        staying += 1;
        await news.within(waitMs).finally(() => (staying -= 1));
      }
      return opened;
    } finally {
      news?.leave();
    }
  };

  async function open(input: PaymentInput, pace: Pace): Promise<Opened> {
    const { request } = input;
    const wakeAt = new Date(Math.min(Date.now() + input.firstPollMs, Date.parse(request.expiresAt)));
    const stored = await begin(deps, input, wakeAt);
    if (stored.payment.request.paymentId !== request.paymentId) {
      const { request: owner, state } = stored.payment;
      const wasAwaited = handOver(deps, stored.payment);
      return { opened: { kind: 'owned', paymentId: owner.paymentId, state }, wasAwaited };
    }
    const begun = await markStillPayable(toOpened(stored.payment, wakeAt.toISOString()));
    const opened = hasNoChannel(begun)
      ? await attempts.waitForChannel(begun, 'no-channel')
      : await attempts.carryOn(begun, {
          ...{ isFresh: stored.isFresh, openBy: input.openBy, pace },
          answerBy: new Date(Date.parse(request.createdAt) + deps.timings.answerWithinMs).toISOString(),
        });
    const wasAwaited = handOver(deps, opened);
    return { opened: stored.isFresh ? opened : await withUnbegun(deps, opened), wasAwaited };
  }
}

/** The run before this one, which watched them, is lost. */
async function withUnbegun({ database }: PaymentDeps, opened: OpenedPayment): Promise<OpenedPayment> {
  const attempts = await unbegunAttempts(database, opened.request.paymentId);
  if (attempts.length === 0) return opened;
  const unbegun = attempts.map((one) => ({ ...toCurrent(one), status: 'action_required' as const }));
  return { ...opened, unbegun };
}

interface Opened {
  opened: OpenedPayment | OwnedElsewhere;
  /** By a request of this process. */
  wasAwaited: boolean;
}

/** Written down while every channel that fits was away: nothing is called, and it is not waiting yet. */
function hasNoChannel({ state, attempt }: OpenedPayment): boolean {
  return state.status === 'pending' && attempt.status === 'planned' && !waitsForChannel(state);
}

interface Begun {
  payment: StoredPayment;
  /** Written by this very run: the call has certainly not been made yet. */
  isFresh: boolean;
}

async function begin(deps: PaymentDeps, input: PaymentInput, wakeAt: Date): Promise<Begun> {
  const { request } = input;
  if (Date.now() <= Date.parse(input.openBy)) {
    const fresh = await tryToOpen(deps, request, wakeAt);
    if (fresh !== undefined) return { payment: fresh, isFresh: true };
  }
  const standing = await loadPaymentByOrder(deps.database, request, request.orderId);
  if (standing === undefined) {
    throw failure(
      'OpenWindowPassed',
      'This payment was not begun in time and nothing was written: start it again.',
    );
  }
  return { payment: standing, isFresh: false };
}

async function tryToOpen(
  deps: PaymentDeps,
  request: PaymentRequest,
  wakeAt: Date,
): Promise<StoredPayment | undefined> {
  const planned = await planOrRefuse(deps, request);
  if (planned === undefined) return undefined;
  const plan = await withOwnAddress(deps, request, planned.plan);
  const isCallable = plan.routing.chosen.length > 0;
  const [channelConfigId = ''] = isCallable ? plan.routing.chosen : (plan.routing.notNow ?? []);
  const channel =
    plan.routing.considered.find((one) => one.channelConfigId === channelConfigId)?.channel ?? '';
  const sentAt = new Date();
  const isReviewed = plan.review !== undefined;
  const status = isReviewed ? 'review' : 'pending';
  const attemptStatus = isReviewed || !isCallable ? 'planned' : 'sending';
  const eventId = deps.newId();
  const agreed = plan.conversion === undefined ? request : { ...request, conversion: plan.conversion };
  const state = { status, version: 1, attemptNo: 1, updatedAt: request.createdAt } as const;
  const opening = {
    ...({
      request,
      plan,
      channel,
      channelConfigId,
      eventId,
      sentAt,
      status,
      attemptStatus,
    } as const),
    wakeAt: isReviewed ? reviewBy(request, plan) : wakeAt,
    customer: request.customer && deps.sealCustomer(request.paymentId, request.customer),
    callback: isReviewed ? tellReview(plan, { eventId, request: agreed, state }) : undefined,
  };
  const opened = await openWithQuote(deps, opening, planned.toLock);
  if (opened === 'quote_lost') throw refused(deps, request, 'quote_used');
  if (opened === 'taken') return undefined;
  if (opening.callback !== undefined) deps.callbackCommitted();
  return {
    request: agreed,
    plan,
    state,
    attempt: { attemptNo: 1, channel, channelConfigId, status: attemptStatus, sentAt, reference: '' },
    wakeAt: opening.wakeAt,
    captured: 0n,
  };
}

/** The answer may be lost, and who takes callbacks is not always who asked. */
function tellReview(
  { callbackEndpointId: endpointId }: PaymentPlan,
  news: Omit<PaymentNews, 'type'>,
): Opening['callback'] {
  const type = 'payment.review';
  return endpointId === undefined ? undefined : { endpointId, type, body: callbackBody({ ...news, type }) };
}

/** Undefined if it may not begin now but did before: then the row that stands decides, not today's settings. */
async function planOrRefuse(
  deps: PaymentDeps,
  request: PaymentRequest,
): Promise<{ plan: PaymentPlan; toLock?: QuoteToLock } | undefined> {
  const setup = await deps.setupOf(request.merchantId, request.mode);
  const planned = setup
    ? planPayment(setup, { ...request, amount: BigInt(request.amountMinor) }, deps.route)
    : ({ ok: false, refusal: 'merchant_not_configured' } as const);
  const completed = planned.ok ? await planConversion(deps, request, planned.plan) : planned;
  if (completed.ok) return completed;
  if ((await loadPaymentByOrder(deps.database, request, request.orderId)) !== undefined) return undefined;
  throw refused(deps, request, completed.refusal);
}

function refused(deps: PaymentDeps, request: PaymentRequest, refusal: PlanRefusal) {
  deps.answers.deliver(workflowIdOf(request), { kind: 'refused', request, refusal });
  return failure('PaymentRefused', `The payment may not begin: ${refusal}. Nothing was written.`, refusal);
}

/** A payment may bring an address of its own for its callbacks. */
async function withOwnAddress(
  deps: PaymentDeps,
  request: PaymentRequest,
  plan: PaymentPlan,
): Promise<PaymentPlan> {
  const { merchantId, mode, callbackUrl: url } = request;
  const secretOf = plan.callbackEndpointId;
  if (url === undefined || secretOf === undefined) return plan;
  const id = await endpointForPayment(deps.database, { id: deps.newId(), merchantId, mode, url, secretOf });
  return { ...plan, callbackEndpointId: id ?? secretOf };
}

/** An operator may take so long, and never longer than the payment lives; the customer's time begins with the approval. */
function reviewBy(request: PaymentRequest, plan: PaymentPlan): Date {
  return new Date(Math.min(Date.now() + plan.rules.reviewWithinMs, Date.parse(request.expiresAt)));
}

function handOver(deps: PaymentDeps, { request, state }: Pick<StoredPayment, 'request' | 'state'>): boolean {
  return deps.answers.deliver(workflowIdOf(request), { kind: 'payment', request, state });
}

function workflowIdOf(request: PaymentRequest): string {
  return paymentWorkflowId(request.mode, request.merchantId, request.orderId);
}
