import type { Scope } from '../db/scope';

/** Who is asking: the scope that stores take, and the key it came with. */
export type Caller = Scope & { keyId: string };
export type MerchantCaller = Extract<Caller, { role: 'merchant' }>;
export type AdminCaller = Extract<Caller, { role: 'admin' }>;
