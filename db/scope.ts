import type { Mode } from '../domain/payment/reference';

/**
 * On whose behalf a store is asked. Stores take it as an argument and put it into the WHERE clause: another
 * tenant's row is not found, whoever forgot to check.
 */
export type Scope = { role: 'admin' } | { role: 'merchant'; merchantId: string; mode: Mode };
