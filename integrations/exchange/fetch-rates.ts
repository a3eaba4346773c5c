import { parse } from 'lossless-json';
import { checkRate, type CheckedRate } from '../../domain/exchange/check-rate';
import {
  parsePath,
  plainDecimal,
  readMoment,
  valueAt,
  type RatePair,
  type RateSource,
} from '../../domain/exchange/rate-source';
import type { Caller } from '../call';
import type { CallOutcome } from '../call-outcome';
import { classifyJson } from '../http-classification';
import type { HttpClient, HttpExchange } from '../http-exchange';

export interface RateFetcherDependencies {
  caller: Caller;
  http: HttpClient;
  timeoutMs: number;
  now: () => Date;
}

export interface FetchedRates {
  rates: CheckedRate[];
  /** What did not go as it should, in words; the other rates are good all the same. */
  problems: string[];
}

/** `withinMs`: what is not asked by then is left, so that one slow source does not take the time of the others. */
export type FetchRates = (
  source: RateSource,
  correlationId: string,
  withinMs: number,
) => Promise<FetchedRates>;

/** Asks a source for its rates: one request, or one for each base where its address names the base. */
export function createRateFetcher(deps: RateFetcherDependencies): FetchRates {
  return async function fetchRates(source, correlationId, withinMs) {
    const fetched: FetchedRates = { rates: [], problems: [] };
    const endsAt = deps.now().getTime() + withinMs;
    const requests = [...requestsOf(source)];
    for (const [made, [address, pairs]] of requests.entries()) {
      const leftMs = endsAt - deps.now().getTime();
      if (leftMs <= 0) {
        const notMade = requests.slice(made).flatMap(([, left]) => left.map(({ base }) => base));
        fetched.problems.push(`not asked within ${withinMs} ms: ${[...new Set(notMade)].join(', ')}`);
        break;
      }
      const timeoutMs = Math.min(deps.timeoutMs, leftMs);
      const outcome = await ask(source, address, { correlationId, timeoutMs });
      if (outcome.kind !== 'ok') {
        fetched.problems.push(`${new URL(address).host}: ${whyNot(outcome)}`);
        continue;
      }
      for (const pair of pairs) {
        const read = readPair(source, pair, outcome.value, deps.now());
        if (typeof read === 'string') fetched.problems.push(`${pair.base}/${pair.quote}: ${read}`);
        else fetched.rates.push(read);
      }
    }
    return fetched;
  };

  function ask(
    source: RateSource,
    address: string,
    { correlationId, timeoutMs }: { correlationId: string; timeoutMs: number },
  ): Promise<CallOutcome<unknown>> {
    const { origin, pathname, search } = new URL(address);
    const context = {
      ...{ service: source.name, instance: source.id, serviceType: 'EXCHANGE_RATES' },
      ...{ operation: 'rates', timeoutMs, correlationId },
    };
    return deps.caller.call(context, async (deadline) =>
      classify(
        await deps.http.exchange(
          {
            ...{ method: 'GET', origin, path: pathname + search },
            headers: { accept: 'application/json', 'user-agent': 'Durapay', 'x-request-id': correlationId },
          },
          deadline,
        ),
      ),
    );
  }
}

function requestsOf({ url, pairs }: RateSource): Map<string, RatePair[]> {
  const requests = new Map<string, RatePair[]>();
  for (const pair of pairs) {
    const address = url.replaceAll('{base}', encodeURIComponent(pair.base));
    requests.set(address, [...(requests.get(address) ?? []), pair]);
  }
  return requests;
}

/** Numbers stay the digits that were sent: a rate never passes through a floating-point number. */
function classify(exchange: HttpExchange): CallOutcome<unknown> {
  const outcome = classifyJson(exchange, { codeOf: () => undefined, notProcessed: [] });
  if (outcome.kind !== 'ok' || exchange.kind !== 'answered') return outcome;
  try {
    return { ...outcome, value: parse(exchange.body, undefined, (digits) => digits) };
  } catch {
    const { status } = exchange;
    return { kind: 'unknown', code: 'answer_unreadable', message: 'a key stands twice in it', status };
  }
}

function whyNot(outcome: CallOutcome<unknown>): string {
  return 'message' in outcome ? `${outcome.code}: ${outcome.message}` : outcome.kind;
}

function readPair(source: RateSource, pair: RatePair, document: unknown, now: Date): CheckedRate | string {
  const { base, quote } = pair;
  const value = at(document, pair.path);
  if (typeof value !== 'string') return `there is no rate at ${pair.path}`;
  const { observedAtPath, spreadPercent } = source;
  const observedAt =
    observedAtPath === undefined ? now.toISOString() : readMoment(at(document, observedAtPath));
  if (observedAt === undefined) return `there is no time at ${observedAtPath ?? ''}`;
  const checked = checkRate({ base, quote, rate: plainDecimal(value), spreadPercent, observedAt }, now);
  return checked.ok ? checked.rate : `${checked.problem.field} ${checked.problem.message}`;
}

function at(document: unknown, path: string): unknown {
  const steps = parsePath(path);
  return steps && valueAt(document, steps);
}
