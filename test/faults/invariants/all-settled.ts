import type { Client } from '@temporalio/client';
import type { Queryable } from '../../../db/pool';
import type { Finding } from '../finding';
import { countIn } from './evidence';

const unsettled = `
select format('pay_%s is still %s', replace(id::text, '-', ''), status) as offender from payments
where status not in ('succeeded', 'failed', 'cancelled', 'expired', 'rejected', 'partially_refunded', 'refunded')
union all
select format('event %s of pay_%s was received and not applied', provider_event_id, replace(payment_id::text, '-', ''))
from webhook_inbox where status = 'received'
union all
select format('event %s of pay_%s was set aside: %s', provider_event_id, replace(payment_id::text, '-', ''), set_aside_for)
from webhook_inbox where status = 'set_aside'
union all
select format('callback evt_%s of pay_%s is still %s', replace(id::text, '-', ''), replace(payment_id::text, '-', ''), status)
from outbox where status <> 'delivered'
union all
select format('refund ref_%s is still %s', replace(id::text, '-', ''), status) from refunds
where status not in ('succeeded', 'failed')
union all
select format('%s of pay_%s still lies in suspense', provider_ref, replace(payment_id::text, '-', '')) from provider_charges
where disposition = 'suspense' and resolved_at is null
union all
select format('journal %s is not sealed', reference) from ledger_journals j
where not exists (select from ledger_blocks b where j.tx < b.tx_until)`;

/** Sweeps come again and again. */
const running = `ExecutionStatus = 'Running' AND WorkflowType != 'sweep'`;
const runningShownMax = 20;

/** What has not come to an end, wherever it hangs. */
export async function allSettled(database: Queryable, temporal: Client, which = running): Promise<Finding> {
  const { rows } = await database.query<{ offender: string }>(unsettled);
  const offenders = rows.map(({ offender }) => offender);
  for await (const { workflowId } of temporal.workflow.list({
    query: which,
    pageSize: runningShownMax,
  })) {
    if (offenders.length - rows.length >= runningShownMax) break;
    offenders.push(`the workflow ${workflowId} is still running`);
  }
  return {
    name: 'I8',
    promise: 'once everything is healed, everything comes to an end',
    checked:
      (await countIn(database, 'payments')) +
      (await countIn(database, 'webhook_inbox')) +
      (await countIn(database, 'outbox')),
    offenders,
  };
}
