import type { CallLimits } from '../../domain/config/service';
import type { Queryable } from '../pool';

export interface LeaseRequest {
  serviceId: string;
  wanted: number;
  /** Calls that were leased before and never made: they count for no quota. */
  givenBack: number;
  limits: CallLimits;
}

export type LimitPeriod = 'second' | 'hour' | 'day';

export interface CallLease {
  granted: number;
  /** When less was granted than wanted: by what, and when it is worth asking again. */
  heldBy: LimitPeriod | null;
  retryMs: number;
  /** What has just come near its end. */
  warnings: LimitPeriod[];
}

interface Raw {
  granted: number;
  held_by: LimitPeriod | null;
  retry_ms: number;
  warnings: LimitPeriod[];
}

export async function leaseCalls(db: Queryable, request: LeaseRequest): Promise<CallLease> {
  const { perSecond, burst, perHour, perDay } = request.limits;
  const { rows } = await db.query<Raw>({
    name: 'call_limits.lease',
    text: 'select * from lease_calls($1, $2, $3, $4, $5, $6, $7)',
    values: [
      request.serviceId,
      request.wanted,
      request.givenBack,
      perSecond ?? null,
      perSecond === undefined ? null : Math.max(1, burst ?? perSecond),
      perHour ?? null,
      perDay ?? null,
    ],
  });
  const row = rows[0] as Raw;
  return { granted: row.granted, heldBy: row.held_by, retryMs: row.retry_ms, warnings: row.warnings };
}
