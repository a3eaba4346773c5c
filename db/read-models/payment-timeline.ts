import { publicId } from '../../domain/ids';
import { isReleaseKey } from '../../domain/payment/command';
import { formatAmount } from '../../domain/money/amount';
import type { AttemptStatus } from '../../domain/payment/react';
import { isUncalled, notCalledCode } from '../../domain/payment/uncalled';
import type { RoutingDecision } from '../../domain/routing/contracts';
import type { Queryable } from '../pool';
import type { Scope } from '../scope';
import type { StoredPayment } from '../stores/payments-store';
import { linesOfEvidence, newestEvidence } from './dispute-lines';
import { linesOfRefund, linesOfRefundNews, newestRefundNews, newestRefunds } from './refund-lines';

export type TimelineSource =
  'payment' | 'routing' | 'attempt' | 'webhook' | 'ledger' | 'callback' | 'workflow' | 'refund' | 'dispute';

/** One line of a payment's story: when, where it is written, who or what caused it, and what happened. */
export interface TimelineLine {
  at: Date;
  source: TimelineSource;
  by: string;
  what: string;
  reference: string | null;
}

/** Of a payment with more of anything than this the newest are told. */
const linesOfAKindMax = 500;

/** All that the database knows of a payment and may tell to this reader, in the order in which it happened. */
export async function loadTimeline(
  database: Queryable,
  payment: StoredPayment,
  reader: Pick<Scope, 'role'>,
): Promise<TimelineLine[]> {
  const id = payment.request.paymentId;
  const parts = await Promise.all([
    changes(database, id, payment.request.currency),
    attempts(database, id),
    webhooks(database, id, reader),
    journals(database, id),
    callbacks(database, id),
    refunds(database, id),
    evidence(database, id),
  ]);
  return [routing(payment), ...parts.flat()];
}

/** Rows come the newest first, and one more than are told; they are told in the order in which they happened. */
function inOrder<Row>(
  rows: readonly Row[],
  source: TimelineSource,
  linesOf: (row: Row) => TimelineLine[],
): TimelineLine[] {
  const lines = rows.slice(0, linesOfAKindMax).reverse().flatMap(linesOf);
  const [first] = lines;
  if (first === undefined || rows.length <= linesOfAKindMax) return lines;
  const what = `There is more of this kind than is told here: the newest ${linesOfAKindMax} follow, what came before them is left out.`;
  return [{ at: first.at, source, by: 'durapay', what, reference: null }, ...lines];
}

function routing({ plan, request }: StoredPayment): TimelineLine {
  return {
    at: new Date(request.createdAt),
    source: 'routing',
    by: `configuration version ${plan.configVersion}`,
    what: decided(plan.routing),
    reference: null,
  };
}

/** Who was considered and why each was taken or not, who is tried in which order, and what decided that. */
function decided({ considered, chosen, notNow = [], by }: RoutingDecision): string {
  const name = (id: string) =>
    considered.find(({ channelConfigId }) => channelConfigId === id)?.channel ?? id;
  const reasons = considered.map(({ channel, reason }) => `${channel}: ${reason}`).join('; ');
  const isAsListed = considered
    .slice(0, chosen.length)
    .every((one, at) => one.channelConfigId === chosen[at]);
  const order =
    isAsListed || chosen.length === 0 ? '' : ` Tried in this order: ${chosen.map(name).join(', ')}.`;
  const nobody = chosen.length === 0 && notNow.length > 0 ? ' None of them can be used just now.' : '';
  return `Channels considered, in order: ${reasons || 'none'}.${order}${nobody}${rulesOf(by)}`;
}

function rulesOf(by: RoutingDecision['by']): string {
  if (by === undefined) return '';
  const rules = by.rules.length === 0 ? 'no rule matched' : `rules: ${by.rules.join(', ')}`;
  return ` Routing rules version ${by.version}, by ${by.strategy}; ${rules}.`;
}

interface Cause {
  by: string;
  key?: string;
  keyId?: string;
  reason?: string;
  routing?: RoutingDecision;
}

async function changes(database: Queryable, id: string, currency: string): Promise<TimelineLine[]> {
  const { rows } = await database.query<{
    at: Date;
    type: string;
    from_status: string | null;
    to_status: string;
    version: number;
    cause: Cause;
    capture_no: number | null;
    amount: bigint | null;
    capture_status: string | null;
  }>(
    `select e.at, e.type, e.from_status, e.to_status, e.version, e.cause, c.capture_no, c.amount, c.status as capture_status
     from payment_events e left join lateral (
       select capture_no, amount, status from payment_captures
       where payment_id = $1 and e.cause ->> 'key' in (cause ->> 'key', 'capture-no:' || capture_no)
       order by capture_no limit 1) c on true
     where e.payment_id = $1 order by e.version desc limit $2`,
    [id, linesOfAKindMax + 1],
  );
  return inOrder(rows, 'payment', (row) => {
    const { at, type, from_status: from, to_status: to, version, cause } = row;
    const common = {
      at,
      by: cause.keyId === undefined ? cause.by : `${cause.by} (key ${publicId('apiKey', cause.keyId)})`,
      reference: `version ${version}`,
    };
    const change = {
      ...common,
      source: 'payment' as const,
      what: [
        `${type}: ${from === null || from === to ? to : `${from} → ${to}`}`,
        ...(row.capture_no === null || row.amount === null
          ? []
          : [
              `${row.capture_status === 'succeeded' ? 'captured' : 'not captured,'} ${formatAmount(row.amount, currency)} ${currency}, capture ${row.capture_no}`,
            ]),
        ...(isReleaseKey(cause.key) ? ['what was not captured was released'] : []),
        ...(cause.reason === undefined ? [] : [cause.reason]),
      ].join(' – '),
    };
    if (cause.routing === undefined) return [change];
    return [{ ...common, source: 'routing' as const, what: decided(cause.routing) }, change];
  });
}

async function attempts(database: Queryable, id: string): Promise<TimelineLine[]> {
  const { rows } = await database.query<{
    reference: string;
    channel: string;
    status: AttemptStatus;
    provider_ref: string | null;
    error: { code: string; message: string; rawCode?: string } | null;
    sent_at: Date;
    answered_at: Date | null;
    method: string | null;
  }>(
    `select reference, channel, method, status, provider_ref, error, sent_at, answered_at from payment_attempts
     where payment_id = $1 order by attempt_no desc limit $2`,
    [id, linesOfAKindMax + 1],
  );
  return inOrder(rows, 'attempt', (row) => {
    const common = { source: 'attempt' as const, by: row.channel, reference: row.reference };
    const code =
      row.error === null
        ? ''
        : `: ${row.error.code}${row.error.rawCode === undefined ? '' : ` (${row.error.rawCode})`}`;
    if (isUncalled(row.status, row.error)) {
      const planned = {
        ...common,
        at: row.sent_at,
        by: 'durapay',
        what: `An attempt at ${row.channel} was planned; nothing was sent.`,
      };
      if (row.answered_at === null || row.error?.code === notCalledCode) return [planned];
      return [planned, { ...planned, at: row.answered_at, what: `The attempt is ${row.status}${code}.` }];
    }
    const sent = {
      ...common,
      at: row.sent_at,
      by: 'durapay',
      what: `The charge was sent to ${row.channel}${row.method === null ? '' : `, by ${row.method} this time`}.`,
    };
    if (row.answered_at === null) return [sent];
    const number = row.provider_ref === null ? '' : `, number ${row.provider_ref} there`;
    return [sent, { ...common, at: row.answered_at, what: `The attempt is ${row.status}${code}${number}.` }];
  });
}

async function webhooks(
  database: Queryable,
  id: string,
  { role }: Pick<Scope, 'role'>,
): Promise<TimelineLine[]> {
  const { rows } = await database.query<{
    received_at: Date;
    settled_at: Date | null;
    status: string;
    set_aside_for: string | null;
    resolved_because: string | null;
    resolved_by: string | null;
    resolved_at: Date | null;
    provider_event_id: string;
    channel: string;
    about: string | null;
    says: string | null;
  }>(
    `select i.received_at, i.settled_at, i.status, i.set_aside_for, i.provider_event_id, c.channel,
       i.resolved_because, i.resolved_by, i.resolved_at,
       i.event ->> 'about' as about,
       coalesce(i.event -> 'status' ->> 'kind', i.event -> 'dispute' ->> 'state') as says
     from webhook_inbox i join channel_configs c on c.id = i.channel_config_id
     where i.payment_id = $1 order by i.received_at desc limit $2`,
    [id, linesOfAKindMax + 1],
  );
  const fate: Record<string, string> = {
    received: 'it waits to be applied',
    applied: 'it was applied',
    ignored: 'it changed nothing',
  };
  return inOrder(rows, 'webhook', (row) => {
    const came: TimelineLine = {
      at: row.received_at,
      source: 'webhook',
      by: row.channel,
      what: `An event came${row.says === null ? '' : ` (${row.about ?? 'charge'}: ${row.says})`}, was genuine and was kept; ${row.set_aside_for === null ? `${fate[row.status] ?? row.status}.` : `it was set aside for an operator: ${row.set_aside_for}`}`,
      reference: row.provider_event_id,
    };
    if (row.resolved_at === null || row.resolved_by === null) return [came];
    const resolved = { ...came, at: row.resolved_at };
    const what = 'The event that was set aside is resolved';
    // Who said what about it is for operators alone.
    if (role !== 'admin') return [came, { ...resolved, by: 'operator', what: `${what}.` }];
    const by = `operator (key ${publicId('apiKey', row.resolved_by)})`;
    return [came, { ...resolved, by, what: `${what}: ${row.resolved_because}` }];
  });
}

async function journals(database: Queryable, id: string): Promise<TimelineLine[]> {
  const own = publicId('payment', id);
  const { rows } = await database.query<{
    recorded_at: Date;
    reference: string;
    kind: string;
    currency: string;
    moved: bigint;
  }>(
    `select j.recorded_at, j.reference, j.kind, a.currency, sum(l.amount) filter (where l.amount > 0) as moved
     from (
       select * from ledger_journals where reference >= $1 and reference < $1 || '~'
       union
       select * from ledger_journals where payment_id = $2 and reference not like 'pay\\_%'
     ) j
     cross join lateral unnest(j.account_ids, j.amounts) l (account_id, amount)
     join ledger_accounts a on a.id = l.account_id
     group by j.recorded_at, j.id, j.reference, j.kind, a.currency order by j.recorded_at desc, j.id desc limit $3`,
    [own, id, linesOfAKindMax + 1],
  );
  return inOrder(rows, 'ledger', (row) => [
    {
      at: row.recorded_at,
      source: 'ledger' as const,
      by: 'durapay',
      what: `Journal ${row.kind}: ${formatAmount(row.moved, row.currency)} ${row.currency} posted.`,
      reference: row.reference,
    },
  ]);
}

async function callbacks(database: Queryable, id: string): Promise<TimelineLine[]> {
  const { rows } = await database.query<{
    event_id: string;
    type: string;
    at: Date;
    try_no: number;
    duration_ms: number;
    status_code: number | null;
    answer: string;
  }>(
    `select o.id as event_id, o.type, t.at, t.try_no, t.duration_ms, t.status_code, t.answer
     from outbox o join callback_tries t on t.event_id = o.id where o.payment_id = $1 order by t.at desc limit $2`,
    [id, linesOfAKindMax + 1],
  );
  return inOrder(rows, 'callback', (row) => [
    {
      at: row.at,
      source: 'callback' as const,
      by: 'durapay',
      what: `${row.type} was sent to the merchant, try ${row.try_no}: ${row.status_code ?? 'no answer'} after ${row.duration_ms} ms${row.status_code === null ? ` (${row.answer})` : ''}.`,
      reference: publicId('event', row.event_id),
    },
  ]);
}

async function evidence(database: Queryable, id: string): Promise<TimelineLine[]> {
  return inOrder(await newestEvidence(database, id, linesOfAKindMax + 1), 'dispute', linesOfEvidence);
}

async function refunds(database: Queryable, id: string): Promise<TimelineLine[]> {
  return [
    ...inOrder(await newestRefunds(database, id, linesOfAKindMax + 1), 'refund', linesOfRefund),
    ...inOrder(await newestRefundNews(database, id, linesOfAKindMax + 1), 'refund', linesOfRefundNews),
  ];
}
