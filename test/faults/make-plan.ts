import {
  storyOperations,
  type Disruption,
  type Plan,
  type SandboxFault,
  type Story,
  type StoryKind,
} from './plan';
import { randomOf, type Random } from './random';

const kinds = {
  pay: 40,
  decline: 5,
  retry: 10,
  cancel: 8,
  race: 8,
  abandon: 4,
  burst: 1.5,
  conflict: 4,
  late: 5,
  repeat: 6,
  refund: 14,
  stranger: 4,
} as const;

/** At most one in this many creations is hurt: five bad ones in a row would rest the channel for a minute. */
const hurtCreation = 0.08;
const hurtWebhook = 0.25;
const hangUp = 0.08;
const badCallback = 0.06;

/** The whole run, decided before it begins: the same seed and number give the same plan. */
export function makePlan(seed: number, operationsAtLeast: number): Plan {
  const stories: Story[] = [];
  let operations = 0;
  const random = randomOf(seed, 'stories');
  while (operations < operationsAtLeast) {
    const story = makeStory(seed, stories.length, random);
    stories.push(story);
    operations += storyOperations[story.kind];
  }
  const points = makeDisruptions(seed, operations);
  const storiesPerDisruption = stories.length / (points.length + 1 + spareTurns(points.length));
  const disruptions = points.map((point, index) => {
    const from = Math.floor((index + 1) * storiesPerDisruption);
    return { ...point, orderId: orderFor(point, stories.slice(from, from + candidates)) };
  });
  return { seed, operations, stories, disruptions, storiesPerDisruption };
}

function makeStory(seed: number, index: number, random: Random): Story {
  const kind = random.weighed(kinds);
  const currency = random.pick(['USD', 'EUR', 'TWD']);
  const units = random.whole(1, 5_000);
  return {
    orderId: `f${seed}-${index}`,
    kind,
    amount: currency === 'TWD' ? `${units}` : `${units}.${String(random.whole(0, 99)).padStart(2, '0')}`,
    currency,
    email: `customer-${index}-of-${seed}@private.example`,
    creation: random.isOneIn(hurtCreation) ? creationFault(random) : undefined,
    webhook: random.isOneIn(hurtWebhook) ? webhookFault(kind, random) : undefined,
    hangUpAfterMs: random.isOneIn(hangUp) ? random.whole(1, 60) : undefined,
    refunds: kind === 'refund' ? refundsOf(units, random) : undefined,
    callback: random.isOneIn(badCallback)
      ? { refusals: random.whole(1, 2), isSilent: random.isOneIn(0.3) }
      : undefined,
  };
}

function creationFault(random: Random): SandboxFault {
  const kind = random.pick([
    'delay_before',
    'delay_after',
    'error_before',
    'error_after',
    'drop_before',
    'drop_after',
    'timeout_before',
    'timeout_after',
    'garbage',
    'unknown_status',
    'not_processed',
  ]);
  return kind.startsWith('delay') ? { kind, ms: random.whole(100, 1_200) } : { kind };
}

/** Each asks for its share; where there are more than shares, some must be refused. */
function refundsOf(units: number, random: Random): Story['refunds'] {
  const fault = random.isOneIn(0.3) ? refundFault(random) : undefined;
  const shape = random.weighed({ whole: 4, parts: 4, tooMany: 2, fifty: 1 });
  if (shape === 'whole' || units < 10) return { count: 1, isTooMuch: false, fault };
  const parts = random.whole(2, 4);
  const amount = `${Math.floor(units / parts)}`;
  const count = { parts, tooMany: parts * 2, fifty: 50 }[shape];
  return { count, amount, isTooMuch: shape !== 'parts', fault };
}

function refundFault(random: Random): SandboxFault {
  const kind = random.pick([
    'error_before',
    'error_after',
    'drop_after',
    'timeout_after',
    'refund_pending',
    'refund_failing',
    'not_processed',
  ]);
  return kind === 'refund_pending' ? { kind, ms: random.whole(100, 3_000) } : { kind };
}

function webhookFault(story: Story['kind'], random: Random): SandboxFault {
  const drawn = random.pick(['webhook_lost', 'webhook_duplicated', 'webhook_delayed', 'webhook_reordered']);
  // Money that comes after the end, of which the provider never tells, shows in no answer: only in its statement.
  const kind = story === 'late' && drawn === 'webhook_lost' ? 'webhook_duplicated' : drawn;
  if (kind === 'webhook_duplicated') return { kind, times: random.whole(1, 4) };
  if (kind === 'webhook_delayed') return { kind, ms: random.whole(200, 6_000) };
  return kind === 'webhook_reordered' ? { kind, times: 2, ms: 2_000 } : { kind };
}

/** For disruptions whose moment did not come: one in five at the first turn, and now and then one at the second as well. */
function spareTurns(disruptions: number): number {
  return Math.max(4, Math.ceil(disruptions / 4));
}

/** The first of the stories that begin with a disruption: it should not have to wait long for the one it is meant for. */
const candidates = 8;

/** Which orders come by such a point; the others may too, but need not. */
const passing: Record<string, readonly StoryKind[] | 'every' | 'none'> = {
  opening: 'every',
  change: ['pay', 'race', 'cancel', 'retry', 'conflict', 'repeat', 'late', 'stranger', 'refund'],
  refund: ['refund'],
  inbox: ['pay', 'conflict', 'repeat', 'stranger', 'refund'],
  outbox: 'none',
  effect: 'every',
  'effect by the worker': ['retry', 'cancel', 'late', 'race', 'refund'],
  question: 'none',
};

function orderFor(point: Disruption, stories: readonly Story[]): string | undefined {
  if (!('moment' in point)) return undefined;
  const isWorkers = point.kind === 'kill' && point.victim === 'worker' && point.moment === 'effect';
  const kinds = passing[isWorkers ? 'effect by the worker' : point.moment] ?? 'none';
  if (kinds === 'none') return undefined;
  const fitting = stories.filter(({ kind }) => kinds === 'every' || kinds.includes(kind));
  // One that the provider answers, and tells of, is sure to come by.
  return (fitting.find(({ creation, webhook }) => !creation && !webhook) ?? fitting[0])?.orderId;
}

const sides = ['before', 'after'] as const;

/** Every point of every process is hit in every run; a longer run hits them more often, and not without end. */
function makeDisruptions(seed: number, operations: number): Disruption[] {
  const random = randomOf(seed, 'disruptions');
  const turns = Math.min(Math.max(Math.round(operations / 2_000), operations < 1_000 ? 0 : 1), 3);
  const list: Disruption[] = [];
  for (let turn = 0; turn < turns; turn += 1) list.push(...everyPoint());
  if (turns === 0) list.push(...random.shuffled(everyPoint()).slice(0, Math.ceil(operations / 30)));
  return random.shuffled(list);
}

function everyPoint(): Disruption[] {
  const list: Disruption[] = [];
  for (const side of sides) {
    for (const victim of ['api', 'worker'] as const) {
      list.push({ kind: 'kill', victim, at: 'provider', moment: 'effect', side });
      list.push({ kind: 'kill', victim, at: 'database', moment: 'change', side });
    }
    list.push({ kind: 'kill', victim: 'api', at: 'database', moment: 'opening', side });
    list.push({ kind: 'kill', victim: 'api', at: 'database', moment: 'refund', side });
    list.push({ kind: 'kill', victim: 'api', at: 'database', moment: 'inbox', side });
    list.push({ kind: 'kill', victim: 'api', at: 'database', moment: 'outbox', side });
    list.push({ kind: 'kill', victim: 'worker', at: 'provider', moment: 'question', side });
    for (const moment of ['opening', 'change', 'refund', 'inbox', 'outbox'] as const) {
      list.push({ kind: 'cut_database', moment, side }, { kind: 'cut_database', moment, side });
    }
    list.push(
      { kind: 'cut_provider', moment: 'effect', side },
      { kind: 'cut_provider', moment: 'question', side },
    );
  }
  return [
    ...list,
    { kind: 'cut_every_database_connection' },
    { kind: 'cut_every_database_connection' },
    { kind: 'lock_payments', ms: 2_000 },
    { kind: 'lock_payments', ms: 4_000 },
    { kind: 'restart_postgres', signal: 'SIGINT' },
    { kind: 'restart_postgres', signal: 'SIGQUIT' },
    { kind: 'restart_temporal', signal: 'SIGTERM' },
    { kind: 'restart_temporal', signal: 'SIGKILL' },
  ];
}
