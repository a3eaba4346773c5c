import type { Mode } from '../../domain/payment/reference';
import type { RoutingDocument } from '../../domain/routing/document';
import type { Queryable } from '../pool';

export interface RoutingRulesRow {
  version: number;
  document: RoutingDocument;
  updatedAt: Date;
}

/** There is one document a mode, so their ids in the versions are fixed. */
const subjectIds: Readonly<Record<Mode, string>> = {
  test: '01980000-0000-7000-8000-0000000000a1',
  live: '01980000-0000-7000-8000-0000000000a2',
};

export function routingSubject(mode: Mode): { kind: 'routing_rules'; id: string } {
  return { kind: 'routing_rules', id: subjectIds[mode] };
}

/** Undefined: nobody has written any, so the usual document holds. */
export async function findRoutingRules(db: Queryable, mode: Mode): Promise<RoutingRulesRow | undefined> {
  const { rows } = await db.query<{ version: number; document: RoutingDocument; updated_at: Date }>({
    name: 'routing-rules-find',
    text: 'select version, document, updated_at from routing_rules where mode = $1',
    values: [mode],
  });
  const row = rows[0];
  return row && { version: row.version, document: row.document, updatedAt: row.updated_at };
}

/** In the transaction that has written the same version down. */
export async function putRoutingRules(
  db: Queryable,
  rules: { mode: Mode; version: number; document: RoutingDocument },
): Promise<void> {
  await db.query(
    `insert into routing_rules (mode, version, document) values ($1, $2, $3)
     on conflict (mode) do update set version = excluded.version, document = excluded.document, updated_at = now()`,
    [rules.mode, rules.version, JSON.stringify(rules.document)],
  );
}
