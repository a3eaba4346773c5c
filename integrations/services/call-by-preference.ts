import type { Log } from '../../telemetry/log';
import type { CallOutcome } from '../call-outcome';
import type { ReadyService, ServiceAdapter, ServiceCall, ServiceType } from './service-adapter';

export interface PreferenceCall {
  serviceType: ServiceType;
  /** Names, the first choice first; empty: every enabled service of the type, the oldest first. */
  preference: readonly string[];
  /** May be done twice without harm: then an unknown outcome may go to the next as well. */
  isIdempotent: boolean;
  correlationId: string;
}

/** One line of the decision: who was asked, or why not. */
export interface Considered {
  name: string;
  result: CallOutcome<unknown>['kind'] | 'not_found' | 'wrong_type' | 'disabled';
  code?: string;
}

export interface PreferenceResult<Value> {
  outcome: CallOutcome<Value>;
  /** Whose outcome it is; undefined when nobody could be asked. */
  service?: { id: string; name: string };
  considered: Considered[];
}

export interface CallByPreferenceDependencies {
  serviceNamed(name: string): Promise<ReadyService | undefined>;
  namesOf(type: ServiceType): Promise<readonly string[]>;
  log: Pick<Log, 'info' | 'warn'>;
}

const preferenceMax = 10;

/**
 * The first choice, or whoever comes after it. The next one is asked only if this one certainly did nothing: it is
 * away, rests, is badly configured. A refusal is an answer, and an unknown outcome may have been done.
 */
export function createCallByPreference(deps: CallByPreferenceDependencies) {
  return async function callByPreference<Adapter extends ServiceAdapter, Value>(
    ask: PreferenceCall,
    use: (adapter: Adapter, call: ServiceCall) => Promise<CallOutcome<Value>>,
  ): Promise<PreferenceResult<Value>> {
    const considered: Considered[] = [];
    let last: Omit<PreferenceResult<Value>, 'considered'> = { outcome: nobody };
    const names = ask.preference.length > 0 ? ask.preference : await deps.namesOf(ask.serviceType);
    for (const name of names.slice(0, preferenceMax)) {
      const ready = await deps.serviceNamed(name);
      const unfit = whyUnfit(ready, ask.serviceType);
      if (ready === undefined || unfit !== undefined) {
        considered.push({ name, result: unfit ?? 'not_found' });
        continue;
      }
      const { service } = ready;
      const call = { service, timeoutMs: service.timeoutMs, correlationId: ask.correlationId };
      // The registry has for a type only adapters that do what the type is for.
      const outcome = await use(ready.adapter as Adapter, call);
      considered.push({
        name,
        result: outcome.kind,
        ...(outcome.kind === 'ok' ? {} : { code: outcome.code }),
      });
      last = { outcome, service: { id: service.id, name } };
      if (!goesToTheNext(outcome, ask.isIdempotent)) break;
    }
    report(ask, last, considered);
    return { ...last, considered };
  };

  function report(
    ask: PreferenceCall,
    { outcome, service }: { outcome: CallOutcome<unknown>; service?: { name: string } },
    considered: Considered[],
  ) {
    const { serviceType, correlationId } = ask;
    const line = { serviceType, correlationId, service: service?.name, outcome: outcome.kind, considered };
    const isFirstChoice = considered.length === 1 && outcome.kind === 'ok';
    deps.log[isFirstChoice ? 'info' : 'warn'](line, 'service chosen');
  }
}

const nobody = {
  kind: 'misconfigured',
  code: 'channel_misconfigured',
  message: 'none of the services asked for can be used',
} as const;

function whyUnfit(ready: ReadyService | undefined, type: ServiceType): Considered['result'] | undefined {
  if (ready === undefined) return 'not_found';
  if (ready.service.serviceType !== type) return 'wrong_type';
  return ready.isEnabled ? undefined : 'disabled';
}

function goesToTheNext(outcome: CallOutcome<unknown>, isIdempotent: boolean): boolean {
  switch (outcome.kind) {
    case 'retryable':
    case 'misconfigured':
      return true;
    case 'unknown':
      return isIdempotent;
    case 'ok':
    case 'declined':
      return false;
  }
}
