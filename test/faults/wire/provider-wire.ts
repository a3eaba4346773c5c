import { startWireProxy, type Wire } from './proxy';
import { createTraps, type Passing, type Traps } from './trap';

/** A call that moves or closes something, or one that only asks. */
export type ProviderMoment = 'effect' | 'question';

export interface ProviderWire extends Traps<ProviderMoment> {
  readonly port: number;
  cutAll(): void;
  close(): Promise<void>;
}

/** Between the product and KPay. */
export async function startProviderWire(kpayPort: number): Promise<ProviderWire> {
  const traps = createTraps(callIn);
  const proxy = await startWireProxy({ port: kpayPort }, traps.look);
  return { ...traps, ...proxy };
}

function callIn(_wire: Wire, chunk: Buffer): Passing<ProviderMoment> {
  const about = chunk.toString('latin1');
  if (about.startsWith('POST /v1/orders')) return { moments: ['effect'], about };
  return { moments: about.startsWith('GET /v1/orders') ? ['question'] : [], about };
}
