import Stripe from 'stripe';
import type { ChargeStatus } from '../../../domain/payment/outcome';
import type { CallOutcome } from '../../call-outcome';
import type {
  CaptureRequest,
  ChannelCall,
  ChannelCapabilities,
  ChargeOfCustomer,
  ChargeQuery,
  ChargeRequest,
  PaymentProvider,
} from '../payment-provider';
import { chargeUnits, stripeAmounts, stripeCurrencies, stripeUnits } from './amounts';
import { captureOutcome, isUntoldCapture, outcomeAfterLook } from './captures';
import { submitEvidence } from './evidence';
import { createStripeClient, type StripeAnswer, type StripeClientDependencies } from './client';
import { findIntent, findRefund } from './lookup';
import { captureKey, intentSchema, referenceKey } from './messages';
import { refundOutcome, refundState } from './refunds';
import { listMovements } from './statement';
import { stripeTerms } from './terms';
import { stripeVault } from './vault';
import { chargeOutcome, chargeStatus, intentStatus } from './transformers';
import { stripeCredentials } from './credentials';
import { withinOneTime } from '../within-one-time';

const capabilities: ChannelCapabilities = {
  currencies: stripeCurrencies,
  methods: ['card'],
  amounts: stripeAmounts,
  idempotentCreate: true,
  query: true,
  cancel: 'all',
  // An intent takes the next card as well.
  declineEnds: false,
  refund: 'partial',
  // One capture, which may be of less than was reserved: what is left is given back at once.
  manualCapture: 'full',
};

/** A kept card is charged without anybody there; a card that is paid with may be kept. */
function ofCustomer(customer: ChargeOfCustomer | undefined): Partial<Stripe.PaymentIntentCreateParams> {
  if (customer === undefined) return {};
  const { customerRef, methodRef } = customer;
  if (methodRef === undefined) return { customer: customerRef, setup_future_usage: 'off_session' };
  return { customer: customerRef, payment_method: methodRef, off_session: true, confirm: true };
}

/** Stripe through its official SDK: docs/channels/stripe.md. */
export function createStripe(deps: StripeClientDependencies): PaymentProvider {
  const client = createStripeClient(deps);

  async function find(call: ChannelCall, charge: ChargeQuery) {
    if (charge.providerRef !== undefined) return { kind: 'known', id: charge.providerRef } as const;
    const found = await findIntent(client, call, charge);
    if (found.kind !== 'found') return found;
    const id = intentSchema.safeParse(found.body).data?.id;
    return { ...found, id };
  }

  async function queryCharge(call: ChannelCall, query: ChargeQuery): Promise<ChargeStatus> {
    const found = await find(call, query);
    if (found.kind === 'found') return intentStatus(query.reference, found.body);
    if (found.kind !== 'known') return found;
    return chargeStatus(
      query.reference,
      await client.ask(call, 'query', (stripe, options) =>
        stripe.paymentIntents.retrieve(found.id, {}, options),
      ),
    );
  }

  /**
   * A kept card's intent that was made and left unconfirmed has charged nothing, and nobody is there who would confirm
   * it in a browser.
   */
  async function confirmWhatIsLeft(
    call: ChannelCall,
    { reference, customer }: ChargeRequest,
    made: CallOutcome<StripeAnswer>,
  ): Promise<CallOutcome<StripeAnswer>> {
    if (customer?.methodRef === undefined || made.kind !== 'ok') return made;
    const intent = intentSchema.safeParse(made.value.body).data;
    if (intent?.status !== 'requires_confirmation') return made;
    if (intent.metadata[referenceKey] !== reference) return made;
    return client.ask(call, 'confirm', (stripe, options) =>
      stripe.paymentIntents.confirm(
        intent.id,
        { off_session: true },
        { ...options, idempotencyKey: `${reference}-confirm` },
      ),
    );
  }

  /** Whether it takes all of what is reserved; not learning it is no answer to the capture. */
  async function isWhole(
    call: ChannelCall,
    request: CaptureRequest,
    id: string,
  ): Promise<boolean | (ChargeStatus & { kind: 'unknown' })> {
    const query = { reference: request.chargeReference, providerRef: id, currency: request.currency };
    const status = await queryCharge(call, query);
    if (status.kind === 'unknown') return status;
    const isMoved = status.kind === 'authorized' || status.kind === 'succeeded';
    return isMoved && status.charge.amountMinor === String(request.amount);
  }

  return {
    name: 'stripe',
    apiVersion: Stripe.API_VERSION,
    capabilities,
    limits: stripeTerms.limits,
    retryPolicy: stripeTerms.retryPolicy,
    credentialFields: stripeCredentials,

    async startCharge(each, request) {
      const call = withinOneTime(each);
      const { reference, currency, description } = request;
      const amount = chargeUnits(request.amount, currency);
      if (amount === undefined) {
        const error = { code: 'amount_not_supported', message: 'Stripe takes no payment of this amount.' };
        return { kind: 'unavailable', error };
      }
      const made = await client.ask(call, 'create', (stripe, options) =>
        stripe.paymentIntents.create(
          {
            amount,
            currency: currency.toLowerCase(),
            // Stripe takes an empty text for an order to unset it, and refuses that.
            ...(description === '' ? {} : { description }),
            capture_method: request.capture,
            payment_method_types: ['card'],
            metadata: { [referenceKey]: reference },
            ...ofCustomer(request.customer),
          },
          { ...options, idempotencyKey: reference },
        ),
      );
      if (request.customer?.methodRef !== undefined) {
        return chargeOutcome(reference, await confirmWhatIsLeft(call, request, made));
      }
      const outcome = chargeOutcome(reference, made);
      if (made.kind !== 'ok' || !made.value.isReplayed || outcome.kind !== 'action') return outcome;
      // The first answer given again says how things stood then; how they stand now has to be asked for.
      const id = outcome.providerRef ?? '';
      const current = await client.ask(call, 'query', (stripe, options) =>
        stripe.paymentIntents.retrieve(id, {}, options),
      );
      return chargeOutcome(reference, current);
    },

    queryCharge: (call, query) => queryCharge(withinOneTime(call), query),

    async cancelCharge(each, query) {
      const call = withinOneTime(each);
      const found = await find(call, query);
      if (found.kind === 'not_found' || found.kind === 'unknown') return found;
      const { id } = found;
      if (id === undefined) return intentStatus(query.reference, undefined);
      const cancelled = await client.ask(call, 'cancel', (stripe, options) =>
        stripe.paymentIntents.cancel(id, {}, options),
      );
      return chargeStatus(query.reference, cancelled);
    },

    async captureCharge(each, request) {
      const call = withinOneTime(each);
      const { chargeReference, providerRef, reference, currency } = request;
      const amount = stripeUnits(request.amount, currency);
      const found = await find(call, { reference: chargeReference, providerRef, currency });
      if (found.kind === 'unknown') return found;
      if (amount === undefined || found.kind === 'not_found' || found.id === undefined) {
        const error = { code: 'charge_not_found', message: 'Stripe has nothing that could be captured so.' };
        return { kind: 'declined', error };
      }
      const { id } = found;
      // Stripe gives the rest back at the first capture, wanted or not. Only all of it, or the last, is as asked.
      const whole = request.isFinal || (await isWhole(call, request, id));
      if (typeof whole === 'object') return { kind: 'unavailable', error: whole.error };
      if (!whole) {
        const error = { code: 'several_captures_not_supported', message: 'Stripe captures once.' };
        return { kind: 'declined', error };
      }
      const captured = await client.ask(call, 'capture', (stripe, options) =>
        stripe.paymentIntents.capture(
          id,
          { amount_to_capture: amount, metadata: { [captureKey]: reference } },
          { ...options, idempotencyKey: reference },
        ),
      );
      const outcome = captureOutcome(request, captured);
      if (!isUntoldCapture(captured)) return outcome;
      const looked = await client.ask(call, 'query', (stripe, options) =>
        stripe.paymentIntents.retrieve(id, {}, options),
      );
      return outcomeAfterLook(request, outcome, looked);
    },

    async refundCharge(call, request) {
      const amount = stripeUnits(request.amount, request.currency);
      if (amount === undefined) {
        const error = { code: 'request_rejected', message: 'Stripe refunds no such amount.' };
        return { kind: 'declined', error };
      }
      const made = await client.ask(call, 'refund', (stripe, options) =>
        stripe.refunds.create(
          {
            payment_intent: request.providerRef,
            amount,
            metadata: { [referenceKey]: request.reference },
          },
          { ...options, idempotencyKey: request.reference },
        ),
      );
      return refundOutcome(request, made);
    },

    async queryRefund(call, { providerRef, reference }) {
      const found = await findRefund(client, withinOneTime(call), providerRef, reference);
      return found.kind === 'found' ? refundState(reference, found.body) : found;
    },

    vault: stripeVault(client),

    listMovements: (call, query) => listMovements(client, call, query),

    submitEvidence: (call, request) => submitEvidence(client, withinOneTime(call), request),
  };
}
