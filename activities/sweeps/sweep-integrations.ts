import type { Database } from '../../db/pool';
import { addAlert } from '../../db/stores/integration-alerts-store';
import { answeredSince, recordHealth, type HealthFinding } from '../../db/stores/service-health-store';
import type { Log } from '../../telemetry/log';

/** An enabled service or channel that can be asked how it is. */
export interface HealthTarget {
  id: string;
  name: string;
  check(): Promise<Omit<HealthFinding, 'serviceId'>>;
}

export interface SweepIntegrationsDeps {
  database: Database;
  log: Pick<Log, 'warn' | 'info'>;
  newId: () => string;
  healthTargets(): Promise<HealthTarget[]>;
  healthChecked(name: string, result: 'healthy' | 'unhealthy'): void;
  healthEveryMs: number;
}

const askedAtOnce = 5;

/** How every service is: from its calls where there were any, else by asking; changes are told. */
export function createSweepIntegrations(deps: SweepIntegrationsDeps) {
  const { database, log } = deps;

  async function tell(
    { id, name }: HealthTarget,
    change: 'failed' | 'recovered',
    message = '',
  ): Promise<void> {
    const kind = change === 'failed' ? 'health_failed' : 'health_recovered';
    log[change === 'failed' ? 'warn' : 'info'](
      { instance: id, name, reason: message },
      `integration ${change}`,
    );
    await addAlert(database, { id: deps.newId(), serviceId: id, kind, details: { name, message } });
  }

  async function look(target: HealthTarget, hasAnswered: boolean): Promise<boolean> {
    const found = hasAnswered ? { isHealthy: true } : await target.check();
    const { isHealthy, message } = { message: undefined, ...found };
    const change = await recordHealth(database, { serviceId: target.id, isHealthy, message });
    if (change !== undefined) await tell(target, change, message);
    deps.healthChecked(target.name, isHealthy ? 'healthy' : 'unhealthy');
    return isHealthy;
  }

  return async function sweepIntegrations(): Promise<{ healthy: number; unhealthy: number }> {
    const targets = await deps.healthTargets();
    const since = new Date(Date.now() - deps.healthEveryMs);
    const answered = await answeredSince(
      database,
      targets.map(({ id }) => id),
      since,
    );
    const count = { healthy: 0, unhealthy: 0 };
    const left = [...targets];
    await Promise.all(
      Array.from({ length: askedAtOnce }, async () => {
        for (let target = left.pop(); target !== undefined; target = left.pop()) {
          count[(await look(target, answered.has(target.id))) ? 'healthy' : 'unhealthy'] += 1;
        }
      }),
    );
    return count;
  };
}
