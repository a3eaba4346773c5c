import type { AccountKind, OwnerKind } from '../../../domain/ledger/account';
import type { Mode } from '../../../domain/payment/reference';
import { accountId, accountName, ownerOf } from '../../stores/ledger-accounts';
import { nobody, type Invariant } from './check';

const pageRows = 1_000;

interface Row {
  id: string;
  mode: Mode;
  owner_kind: OwnerKind;
  owner_id: string;
  kind: AccountKind;
  currency: string;
}

// The row's own check says the same. It is asked here with the digest that the journals are written with, for who owns
// the database may have dropped that check, and may have changed the function it calls.
export const accountIdsFit: Invariant = {
  name: 'account_ids_fit',
  promise:
    'every account is still what it was opened as: its id is the digest of its mode, owner, kind and currency',
  parts: [
    async function* (database, from = nobody) {
      let after: string | undefined = from;
      while (after !== undefined) {
        const { rows }: { rows: Row[] } = await database.query<Row>(
          `select id, mode, owner_kind, owner_id, kind, currency from ledger_accounts
           where id > $1::uuid order by id limit $2`,
          [after, pageRows],
        );
        after = rows.length < pageRows ? undefined : rows.at(-1)?.id;
        const offenders = rows.filter((row) => row.id !== idOf(row)).map(described);
        yield { checked: rows.length, offenders, ...(after !== undefined && { next: after }) };
      }
    },
  ],
};

function idOf({ mode, owner_kind, owner_id, kind, currency }: Row): string {
  return accountId(accountName({ mode, owner: ownerOf(owner_kind, owner_id), kind, currency }));
}

function described(row: Row): string {
  const { id, mode, owner_kind, owner_id, kind, currency } = row;
  return `account ${id} says that it is ${mode} ${currency} ${kind} of ${owner_kind} ${owner_id}, whose account is ${idOf(row)}`;
}
