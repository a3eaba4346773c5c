import type { ConfigDocument } from '../../domain/config/document';
import type { ServiceDocument } from '../../domain/config/service';
import type { Queryable, Transaction } from '../pool';
import type { ConfigVersions, NewConfigVersion } from './config-versions-store';

export interface ServiceRow {
  id: string;
  version: number;
  /** Secrets masked. */
  document: ServiceDocument;
  createdAt: Date;
  updatedAt: Date;
}

export type ServiceChange = Omit<NewConfigVersion, 'document'> & { id: string; document: ServiceDocument };

interface Raw {
  id: string;
  version: number;
  document: ServiceDocument;
  created_at: Date;
  updated_at: Date;
}

const rows = `select s.id, s.version, v.document, s.created_at, s.updated_at
  from services s join config_versions v on v.subject = 'service' and v.subject_id = s.id and v.version = s.version`;

/** Undefined when another service has the name. Repeated with the same id it is the service that was made. */
export async function createService(
  transaction: Transaction,
  versions: ConfigVersions,
  { id, document, ...next }: ServiceChange,
): Promise<ServiceRow | undefined> {
  const { rowCount } = await transaction.query(
    `insert into services (id, name, service_type, kind, is_enabled, version) values ($1, $2, $3, $4, $5, 1)
     on conflict do nothing`,
    [id, document.name, document.serviceType, document.kind, document.isEnabled],
  );
  if (rowCount === 1) {
    await versions.write(transaction, subjectOf(id), { ...next, document: asJson(document) });
  }
  return findService(transaction, id);
}

/** Undefined, and nothing written: another version came first. A service's name and kind are its own for ever. */
export async function changeService(
  transaction: Transaction,
  versions: ConfigVersions,
  { id, document, ...next }: ServiceChange,
): Promise<ServiceRow | undefined> {
  const version = await versions.write(transaction, subjectOf(id), { ...next, document: asJson(document) });
  if (version === undefined) return undefined;
  await transaction.query(
    `update services set version = $2, is_enabled = $3, updated_at = now() where id = $1 and deleted_at is null`,
    [id, version, document.isEnabled],
  );
  return findService(transaction, id);
}

/** Its versions stay, with one more that tells who removed it; its name is free again. */
export async function removeService(
  transaction: Transaction,
  versions: ConfigVersions,
  { id, document, ...next }: ServiceChange,
): Promise<void> {
  const off = asJson({ ...document, isEnabled: false });
  await versions.write(transaction, subjectOf(id), { ...next, document: off });
  await transaction.query('update services set is_enabled = false, deleted_at = now() where id = $1', [id]);
}

export async function findService(db: Queryable, id: string): Promise<ServiceRow | undefined> {
  const found = await db.query<Raw>(`${rows} where s.id = $1 and s.deleted_at is null`, [id]);
  return found.rows[0] && fromRow(found.rows[0]);
}

/** With its secrets in clear. */
export async function openService(
  db: Queryable,
  versions: ConfigVersions,
  id: string,
): Promise<ServiceRow | undefined> {
  const row = await findService(db, id);
  const version = row && (await versions.read(db, subjectOf(id), row.version));
  return version && { ...row, document: version.document as unknown as ServiceDocument };
}

const activeMax = 1_000;

/** By what calls look for: an installation has tens of them, never thousands. */
export async function listServiceNames(
  db: Queryable,
): Promise<{ id: string; name: string; serviceType: string; isEnabled: boolean }[]> {
  const found = await db.query<{ id: string; name: string; service_type: string; is_enabled: boolean }>(
    `select id, name, service_type, is_enabled from services where deleted_at is null order by id limit ${activeMax}`,
  );
  return found.rows.map((row) => ({
    id: row.id,
    name: row.name,
    serviceType: row.service_type,
    isEnabled: row.is_enabled,
  }));
}

export function subjectOf(id: string) {
  return { kind: 'service' as const, id };
}

function asJson(document: ServiceDocument): ConfigDocument {
  return document as unknown as ConfigDocument;
}

function fromRow(row: Raw): ServiceRow {
  const { id, version, document } = row;
  return { id, version, document, createdAt: row.created_at, updatedAt: row.updated_at };
}
