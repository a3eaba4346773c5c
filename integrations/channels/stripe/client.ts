import Stripe from 'stripe';
import type { Caller } from '../../call';
import type { CallFailure, CallOutcome } from '../../call-outcome';
import type { HttpClient } from '../../http-exchange';
import type { ChannelCall, ChannelConfig } from '../payment-provider';
import { classifyStripe } from './classification';
import { createStripeDeadlines, stripeHttpClient } from './http-client';

export interface StripeClientDependencies {
  caller: Caller;
  http: HttpClient;
}

export interface StripeAnswer {
  body: unknown;
  /** Stripe gives the first answer to this idempotency key again: it says how things stood then. */
  isReplayed: boolean;
}

type Ask = (stripe: Stripe, options: Stripe.RequestOptions) => Promise<Stripe.Response<unknown>>;

/** Transport only: the SDK under the pipeline, which alone decides about time and repeats. */
export interface StripeClient {
  ask(call: ChannelCall, operation: string, ask: Ask): Promise<CallOutcome<StripeAnswer>>;
}

const clientsMax = 1_000;

export function createStripeClient(deps: StripeClientDependencies): StripeClient {
  const clients = new Map<string, Stripe>();
  const deadlines = createStripeDeadlines();
  const httpClient = stripeHttpClient(deps.http, deadlines);

  return {
    ask(call, operation, ask) {
      const context = {
        service: 'stripe',
        instance: call.config.id,
        operation,
        timeoutMs: call.timeoutMs,
        correlationId: call.correlationId,
      };
      return deps.caller.call(context, async (deadline) => {
        const stripe = clientOf(call.config);
        if ('kind' in stripe) return stripe;
        const timeout = Math.max(1, Math.floor(deadline.remainingMs()));
        const { headers, forget } = deadlines.headersFor(deadline);
        return classifyStripe(async () => {
          const body = await ask(stripe, { timeout, maxNetworkRetries: 0, headers });
          return { body, isReplayed: body.lastResponse.headers['idempotent-replayed'] === 'true' };
        }).finally(forget);
      });
    },
  };

  function clientOf(config: ChannelConfig): Stripe | CallFailure {
    const { secretKey } = config.credentials;
    const name = `${config.mode} ${config.baseUrl} ${secretKey}`;
    const known = clients.get(name);
    if (known !== undefined) return known;
    const base = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
    if (secretKey === undefined || base === undefined || !isOfMode(secretKey, config.mode)) {
      const message = `Stripe wants a base address and a ${config.mode} mode secretKey.`;
      return { kind: 'misconfigured', code: 'channel_misconfigured', message };
    }
    // Keys come and go with rotations; making a client anew costs little.
    if (clients.size >= clientsMax) clients.clear();
    const isTls = base.protocol === 'https:';
    const stripe = new Stripe(secretKey, {
      host: base.hostname,
      port: base.port === '' ? (isTls ? 443 : 80) : Number(base.port),
      protocol: isTls ? 'https' : 'http',
      httpClient,
      maxNetworkRetries: 0,
      telemetry: false,
    });
    clients.set(name, stripe);
    return stripe;
  }
}

/** A test key on a live channel would take no money, a live key on a test channel real money. */
function isOfMode(secretKey: string, mode: ChannelConfig['mode']): boolean {
  return secretKey.startsWith(`sk_${mode}_`) || secretKey.startsWith(`rk_${mode}_`);
}
