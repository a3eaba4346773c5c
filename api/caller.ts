import type { Scope } from '../db/scope';
import type { AskedBy } from '../workflows/contracts';

/** Who is asking: the scope that stores take, and the key it came with. */
export type Caller = Scope & { keyId: string };
export type MerchantCaller = Extract<Caller, { role: 'merchant' }>;
export type AdminCaller = Extract<Caller, { role: 'admin' }>;

/** As what it asks for is told of it. */
export function askedBy({ role, keyId }: Caller): AskedBy {
  return { role: role === 'admin' ? 'operator' : 'merchant', keyId };
}
