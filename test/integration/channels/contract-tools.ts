import type { ChannelEvent, ChargeOutcome, ChargeStatus, NextAction } from '../../../domain/payment/outcome';
import type {
  ChannelCall,
  ChargeRequest,
  WebhookVerdict,
} from '../../../integrations/channels/payment-provider';
import type { ChannelHarness } from './contract';

/** The steps that the contract's chapters are told in. */
export interface ContractTools {
  call(timeoutMs?: number): ChannelCall;
  request(changes?: Partial<ChargeRequest>): ChargeRequest;
  query(charge: ChargeRequest): Promise<ChargeStatus>;
  started(charge: ChargeRequest): Promise<NextAction>;
  /** A charge that the customer has agreed to. */
  paid(changes?: Partial<ChargeRequest>): Promise<ChargeRequest>;
  /** The first event that came by webhook and is of this kind. */
  news<About extends ChannelEvent['about']>(
    about: About,
    isIt: (event: Extract<ChannelEvent, { about: About }>) => boolean,
  ): Promise<Extract<ChannelEvent, { about: About }>>;
}

const webhooksMax = 20;

export function contractTools(harness: () => ChannelHarness): ContractTools {
  let made = 0;

  const call = (timeoutMs = 2_000): ChannelCall => ({
    config: harness().config,
    timeoutMs,
    correlationId: 'contract',
  });

  function request(changes: Partial<ChargeRequest> = {}): ChargeRequest {
    made += 1;
    return {
      reference: `pay_01980000000070008000${String(made).padStart(12, '0')}-1`,
      amount: harness().amount,
      currency: harness().currency,
      description: 'Tea, 100 g',
      webhookUrl: harness().webhookUrl,
      expiresAt: new Date(Date.now() + 60_000),
      capture: 'automatic',
      ...changes,
    };
  }

  async function started(charge: ChargeRequest): Promise<NextAction> {
    const action = actionOf(await harness().provider.startCharge(call(), charge));
    await harness().open?.(action);
    return action;
  }

  return {
    call,
    request,
    started,

    query: (charge) =>
      harness().provider.queryCharge(call(), { reference: charge.reference, currency: charge.currency }),

    async paid(changes) {
      const charge = request(changes);
      await harness().pay(await started(charge));
      return charge;
    },

    async news(about, isIt) {
      for (let count = 1; count <= webhooksMax; count += 1) {
        const webhook = (await harness().webhooks(count))[count - 1]!;
        const verdict = harness().webhook.verify(harness().config, webhook);
        if (verdict.kind !== 'verified' || verdict.event.about !== about) continue;
        const event = verdict.event as Extract<ChannelEvent, { about: typeof about }>;
        if (isIt(event)) return event;
      }
      throw new Error(`none of ${webhooksMax} webhooks was the one about this ${about}`);
    },
  };
}

export function actionOf(outcome: ChargeOutcome): NextAction {
  if (outcome.kind !== 'action') throw new Error(`expected an action, got ${JSON.stringify(outcome)}`);
  return outcome.nextAction;
}

export function eventOf(verdict: WebhookVerdict): ChannelEvent {
  if (verdict.kind !== 'verified') throw new Error(`expected an event, got ${JSON.stringify(verdict)}`);
  return verdict.event;
}
