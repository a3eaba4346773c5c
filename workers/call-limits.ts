import type { Database } from '../db/pool';
import { newId } from '../db/ids';
import { leaseCalls, type LimitPeriod } from '../db/stores/call-limits-store';
import { addAlert } from '../db/stores/integration-alerts-store';
import type { CallLimits } from '../domain/config/service';
import { createRateLimit, type RateLimit } from '../integrations/rate-limit';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';

/** The shared limits on this process's database; what comes near its end is logged, counted and kept as an alert. */
export function createCallLimits(deps: { database: Database; log: Log; metrics: Metrics }): RateLimit {
  const { database, log } = deps;
  const near = deps.metrics.counter({
    name: 'durapay_integration_limits_near_total',
    help: 'How often 80 % of what a service may be asked in a period was used.',
    labels: ['instance', 'period'],
  });

  function warn(serviceId: string, period: LimitPeriod, limits: CallLimits): void {
    const limit = { second: limits.perSecond, hour: limits.perHour, day: limits.perDay }[period] ?? 0;
    near.inc({ instance: serviceId, period });
    log.warn({ instance: serviceId, period, limit }, 'integration limit is near');
    addAlert(database, { id: newId(), serviceId, kind: 'limit_near', details: { period, limit } }).catch(
      (error: unknown) => log.warn({ err: error }, 'an alert could not be written'),
    );
  }

  return createRateLimit({
    async lease(serviceId, wanted, givenBack, limits) {
      const lease = await leaseCalls(database, { serviceId, wanted, givenBack, limits });
      for (const period of lease.warnings) warn(serviceId, period, limits);
      return lease;
    },
    onError: (error) => log.warn({ err: error }, 'what a service may be asked could not be learnt'),
  });
}
