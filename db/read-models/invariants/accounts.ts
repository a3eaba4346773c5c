import { nobody, paged, verdict, type Invariant } from './check';
import { nameOf } from './references';

// An account is opened by the statement that first books on it, which asks nothing of its owner: money that came must
// not wait for that. Agents are kept nowhere yet, so nobody is one.
const owners = `
with page as materialized (
  select *, row_number() over (order by id) as n from (
    select id, mode, owner_kind, owner_id, kind, currency from ledger_accounts where id > $1::uuid order by id limit $2
  ) a
), broken as (
  select format('account %s, %s %s %s, is of the %s %s, which does not exist%s', id, mode, currency, kind, owner_kind,
    case owner_kind when 'merchant' then ${nameOf('mer', 'owner_id')} when 'channel' then ${nameOf('chc', 'owner_id')}
      else owner_id::text end, case when owner_kind = 'channel' then ' in that mode' end) as offender
  from page where not case owner_kind
    when 'platform' then owner_id = '${nobody}'
    when 'merchant' then exists (select from merchants m where m.id = owner_id)
    when 'channel' then exists (select from channel_configs c where c.id = owner_id and c.mode = page.mode)
    else false end
)
${verdict('id::text')}`;

export const accountsHaveOwners: Invariant = {
  name: 'accounts_have_owners',
  promise:
    'every account is of the platform, of a merchant that exists or of a channel that exists in its mode',
  parts: [paged({ start: nobody, pageRows: 1_000, text: owners })],
};
