import { verifyChain } from '../../../db/read-models/ledger-chain';
import type { Finding } from '../finding';
import { countIn, offendersIn, type Evidence } from './evidence';

const gaps = `
with steps as (
  select payment_id, version, from_status, to_status,
    row_number() over w as place, lag(to_status) over w as before
  from payment_events window w as (partition by payment_id order by version)
)
select format('pay_%s version %s: from %s to %s after %s', replace(payment_id::text, '-', ''), version,
  coalesce(from_status, 'nothing'), to_status, coalesce(before, 'nothing')) as offender
from steps s
where version <> place or from_status is distinct from before
  or (from_status is not null and from_status <> to_status and not exists (
    select from payment_transitions t where t.from_status = s.from_status and t.to_status = s.to_status))`;

const ends = `
select format('pay_%s is %s at version %s, its last event says %s at %s',
  replace(p.id::text, '-', ''), p.status, p.version, e.to_status, e.version) as offender
from payments p left join lateral (
  select to_status, version from payment_events where payment_id = p.id order by version desc limit 1) e on true
where e.to_status is distinct from p.status or e.version is distinct from p.version`;

/** Follows each payment through its events, and the ledger through its chain. */
export async function neverBack({ database }: Evidence): Promise<Finding> {
  const offenders = [...(await offendersIn(database, gaps)), ...(await offendersIn(database, ends))];
  const chain = await verifyChain(database);
  if (chain.broken !== undefined) {
    const { problem, blockNo, reference } = chain.broken;
    offenders.push(
      `the ledger's chain: ${problem} in block ${blockNo}${reference ? ` at ${reference}` : ''}`,
    );
  }
  const journals = await countIn(database, 'ledger_journals');
  if (chain.broken === undefined && chain.journals !== journals) {
    offenders.push(`the ledger's chain holds ${chain.journals} journals of ${journals}`);
  }
  return {
    name: 'I9',
    promise: 'no payment went back from where it was, and the chain of the ledger verifies',
    checked: (await countIn(database, 'payment_events')) + chain.blocks,
    offenders,
  };
}
