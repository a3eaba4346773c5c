import type { CaptureOutcome, ChargeOutcome, ChargeStatus } from '../../domain/payment/outcome';
import type { RetryPolicy } from '../../domain/config/service';
import type {
  CaptureRequest,
  ChannelCapabilities,
  ChargeQuery,
  ChargeRequest,
  PaymentProvider,
} from '../../integrations/channels/payment-provider';

export type ScriptedCall = 'start' | 'query' | 'cancel' | 'capture';

/** A provider that does what a test says: for what no sandbox of a real one does, such as having no cancellation. */
export interface ScriptedChannel extends Omit<PaymentProvider, 'retryPolicy'> {
  retryPolicy?: RetryPolicy;
  capabilities: ChannelCapabilities;
  /** What it knows of each charge, by reference. */
  charges: Map<string, ChargeStatus>;
  /** What was taken, by the capture's own reference. */
  captures: Map<string, bigint>;
  /** Every call that came, as `kind reference`. */
  calls: string[];
  /** From when on it was asked to look for each charge. */
  askedSince: Map<string, Date | undefined>;
  /** How long each start was given. */
  startTimeoutsMs: Map<string, number[]>;
  /** Runs before a call is answered; what it throws stands for an answer that was lost. */
  before(kind: ScriptedCall, reference: string): Promise<void> | void;
  onStart(request: ChargeRequest): ChargeOutcome;
  onCapture(request: CaptureRequest): CaptureOutcome;
}

export function scriptedChannel(over: Partial<ChannelCapabilities> = {}): ScriptedChannel {
  const lost = { code: 'answer_lost', message: 'The answer did not come.' };
  async function status(kind: 'query' | 'cancel', { reference, sentAt }: ChargeQuery): Promise<ChargeStatus> {
    channel.askedSince.set(reference, sentAt);
    channel.calls.push(`${kind} ${reference}`);
    try {
      await channel.before(kind, reference);
    } catch {
      return { kind: 'unknown', error: lost };
    }
    const known = channel.charges.get(reference) ?? { kind: 'not_found' };
    const open = ['open', 'authorized', ...(channel.capabilities.declineEnds ? [] : ['declined'])];
    const canBe = channel.capabilities.cancel && open.includes(known.kind);
    const isCancelled = kind === 'cancel' && canBe;
    if (isCancelled) channel.charges.set(reference, { kind: 'cancelled' });
    return isCancelled ? { kind: 'cancelled' } : known;
  }

  const channel: ScriptedChannel = {
    name: 'scripted',
    apiVersion: '1',
    credentialFields: [],
    capabilities: {
      currencies: ['USD'],
      methods: ['card', 'wallet'],
      amounts: [{ currency: 'USD', min: 1n, max: 99_999_999n }],
      idempotentCreate: true,
      query: true,
      cancel: 'all',
      declineEnds: true,
      refund: 'partial',
      manualCapture: 'partial',
      ...over,
    },
    charges: new Map(),
    captures: new Map(),
    calls: [],
    askedSince: new Map(),
    startTimeoutsMs: new Map(),
    before: () => undefined,
    onStart(request) {
      const providerRef = numberOf(request.reference);
      channel.charges.set(request.reference, { kind: 'open', providerRef });
      return { kind: 'action', nextAction: { type: 'redirect', url: 'https://pay.test/' }, providerRef };
    },
    onCapture({ reference, amount, currency }) {
      channel.captures.set(reference, amount);
      const captured = { providerRef: numberOf(reference), amountMinor: amount.toString(), currency };
      return { kind: 'succeeded', captured };
    },
    async startCharge({ timeoutMs }, request) {
      const { reference } = request;
      channel.calls.push(`start ${reference}`);
      channel.startTimeoutsMs.set(reference, [...(channel.startTimeoutsMs.get(reference) ?? []), timeoutMs]);
      try {
        await channel.before('start', reference);
      } catch {
        return { kind: 'unknown', error: lost };
      }
      return channel.onStart(request);
    },
    queryCharge: (_call, query) => status('query', query),
    cancelCharge: (_call, query) => status('cancel', query),
    async captureCharge(_call, request) {
      channel.calls.push(`capture ${request.reference}`);
      const outcome = channel.onCapture(request);
      try {
        await channel.before('capture', request.reference);
      } catch {
        return { kind: 'unknown', error: lost };
      }
      return outcome;
    },
  };
  return channel;
}

/** The provider's own number of what has this reference. */
export function numberOf(reference: string): string {
  return `n_${reference}`;
}
