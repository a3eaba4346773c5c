import { createChannelStatistics, type ChannelStatistics } from '../activities/routing/channel-statistics';
import { createExchangeLoop } from '../activities/routing/exchange-loop';
import type { ConfigListener } from '../db/config-listener';
import type { Database } from '../db/pool';
import {
  isAnyDayLimited,
  readTakenToday,
  rollUpDays,
  type TakenToday,
} from '../db/stores/channel-days-store';
import {
  addSeconds,
  forgetSeconds,
  readHealth,
  readSeconds,
  writeTurn,
} from '../db/stores/channel-facts-store';
import { newId } from '../db/ids';
import { addAlert } from '../db/stores/integration-alerts-store';
import { findRoutingRules } from '../db/stores/routing-rules-store';
import type { Mode } from '../domain/payment/reference';
import type { ChannelRouter } from '../domain/routing/contracts';
import { createRouter } from '../domain/routing/decide';
import { usualRouting } from '../domain/routing/document';
import { compileRouting, type RoutingProgram } from '../domain/routing/rules';
import { windowSeconds } from '../domain/routing/window';
import type { Log } from '../telemetry/log';
import type { Metrics } from '../telemetry/metrics';

const exchangeEveryMs = 1_000;
/** Rules are also read without being told of them, for a notification may be lost. */
const rereadRulesEveryMs = 10_000;
const housekeepingEveryMs = 60_000;
const modes: readonly Mode[] = ['live', 'test'];

export interface Routing {
  statistics: ChannelStatistics;
  /** Decides, and changes nothing by it. */
  route: ChannelRouter;
  /** For a decision that is carried out: a probe among them is noted. */
  routeForGood: ChannelRouter;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Routing of one process: rules of the moment, compiled once, and what is seen of the channels. */
export function createRouting(deps: {
  listener: Pick<ConfigListener, 'onChange'>;
  database: Database;
  log: Log;
  metrics: Metrics;
}): Routing {
  const { database, log } = deps;
  const usual = compileRouting(usualRouting, 0);
  const programs = new Map<Mode, RoutingProgram>();
  const turns = deps.metrics.counter({
    name: 'durapay_channel_turns_total',
    help: 'How often a channel lost its traffic or got it back.',
    labels: ['channelConfigId', 'to'],
  });
  let rulesReadAt = 0;
  let keptHouseAt = Date.now();
  let isDayLimited = false;

  const statistics = createChannelStatistics({
    shared: {
      add: (rows) => addSeconds(database, rows),
      readSince: (second) => readSeconds(database, second),
      readHealth: () => readHealth(database),
      writeTurn: (turn) => writeTurn(database, turn),
      takenToday: (): Promise<TakenToday> =>
        isDayLimited ? readTakenToday(database) : Promise.resolve(new Map()),
    },
    now: Date.now,
    probeEverySeconds: () =>
      Math.min(...modes.map((mode) => programOf(mode).document.exploration.everySeconds)),
    turned({ channelConfigId, isAiling, why }, isFirst) {
      if (!isFirst) return;
      turns.inc({ channelConfigId, to: isAiling ? 'ailing' : 'well' });
      if (isAiling) log.error({ channelConfigId, why }, 'a channel lost its traffic');
      else log.warn({ channelConfigId, why }, 'a channel got its traffic back');
      const kind = isAiling ? 'traffic_lost' : 'traffic_back';
      addAlert(deps.database, { id: newId(), serviceId: channelConfigId, kind, details: { why } }).catch(
        (error: unknown) => log.warn({ err: error }, 'an alert could not be written'),
      );
    },
    failed: (error) => log.warn({ err: error }, 'what was seen of the channels could not be exchanged'),
  });
  const loop = createExchangeLoop({ exchange }, exchangeEveryMs);

  const route = createRouter(programOf, statistics);
  deps.listener.onChange((change) => {
    if (change === 'everything' || change.kind !== 'service') rulesReadAt = 0;
  });
  return {
    statistics,
    route,
    routeForGood(question, candidates) {
      const decision = route(question, candidates);
      if (decision.explored !== undefined) statistics.noteProbe(decision.explored);
      return decision;
    },
    async start() {
      await exchange();
      loop.start();
    },
    stop: () => loop.stop(),
  };

  function programOf(mode: Mode | undefined): RoutingProgram {
    return (mode && programs.get(mode)) ?? usual;
  }

  async function exchange(): Promise<void> {
    await Promise.all([readRules(), keepHouse()]).catch((error: unknown) =>
      log.warn({ err: error }, 'the routing rules could not be read; those that are known hold'),
    );
    await statistics.exchange();
  }

  async function readRules(): Promise<void> {
    if (Date.now() - rulesReadAt < rereadRulesEveryMs) return;
    rulesReadAt = Date.now();
    isDayLimited = await isAnyDayLimited(database);
    for (const mode of modes) {
      const found = await findRoutingRules(database, mode);
      if (found === undefined) programs.delete(mode);
      else if (programs.get(mode)?.version !== found.version) {
        programs.set(mode, compileRouting(found.document, found.version));
      }
    }
  }

  async function keepHouse(): Promise<void> {
    if (Date.now() - keptHouseAt < housekeepingEveryMs) return;
    keptHouseAt = Date.now();
    await forgetSeconds(database, Math.floor(Date.now() / 1_000) - 2 * windowSeconds);
    if (isDayLimited) await rollUpDays(database);
  }
}
