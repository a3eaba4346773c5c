import { startWireProxy, type Wire } from './proxy';
import { createTraps, type Traps } from './trap';

/** A call that moves or closes something, or one that only asks. */
export type ProviderMoment = 'effect' | 'question';

export interface ProviderWire extends Traps<ProviderMoment> {
  readonly port: number;
  /** How often each payment has been spoken of. */
  readonly calls: ReadonlyMap<string, number>;
  cutAll(): void;
  close(): Promise<void>;
}

const paymentPattern = /pay_[0-9a-f]{32}/;

/** Between the product and KPay. */
export async function startProviderWire(kpayPort: number): Promise<ProviderWire> {
  const calls = new Map<string, number>();
  function callsIn(_wire: Wire, chunk: Buffer): ProviderMoment[] {
    const text = chunk.toString('latin1');
    const payment = paymentPattern.exec(text)?.[0];
    if (payment !== undefined) calls.set(payment, (calls.get(payment) ?? 0) + 1);
    if (text.startsWith('POST /v1/orders')) return ['effect'];
    return text.startsWith('GET /v1/orders') ? ['question'] : [];
  }
  const traps = createTraps(callsIn);
  const proxy = await startWireProxy({ port: kpayPort }, traps.look);
  return { ...traps, ...proxy, calls };
}
