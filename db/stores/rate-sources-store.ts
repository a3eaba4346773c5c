import type { RatePair, RateSource } from '../../domain/exchange/rate-source';
import type { Queryable } from '../pool';

export interface RateSourceRow extends RateSource {
  version: number;
  changedBy: string;
  createdAt: Date;
  updatedAt: Date;
  fetchedAt?: Date;
  fetchProblem?: string;
}

export type RateSourceContent = Omit<RateSource, 'id'> & { changedBy: string };

interface Raw {
  id: string;
  name: string;
  url: string;
  pairs: RatePair[];
  observed_at_path: string | null;
  spread_percent: string;
  is_enabled: boolean;
  version: number;
  changed_by: string;
  created_at: Date;
  updated_at: Date;
  fetched_at: Date | null;
  fetch_problem: string | null;
}

const columns = `id, name, url, pairs, observed_at_path, trim_scale(spread_percent)::text as spread_percent, is_enabled,
  version, changed_by, created_at, updated_at, fetched_at, fetch_problem`;

const valuesOf = (content: RateSourceContent) => [
  content.name,
  content.url,
  JSON.stringify(content.pairs),
  content.observedAtPath ?? null,
  content.spreadPercent,
  content.isEnabled,
  content.changedBy,
];

/** Repeated with the same id it is the source that was made. False: another one has its name. */
export async function addRateSource(
  database: Queryable,
  id: string,
  content: RateSourceContent,
): Promise<boolean> {
  await database.query(
    `insert into rate_sources (id, name, url, pairs, observed_at_path, spread_percent, is_enabled, changed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [id, ...valuesOf(content)],
  );
  return (await findRateSource(database, id)) !== undefined;
}

/** The name stays: it stands in rates. False: somebody else has changed it since it was read. */
export async function changeRateSource(
  database: Queryable,
  id: string,
  basedOn: number,
  content: RateSourceContent,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `update rate_sources set url = $4, pairs = $5, observed_at_path = $6, spread_percent = $7, is_enabled = $8,
       changed_by = $9, version = version + 1, updated_at = now() where id = $1 and version = $2 and name = $3`,
    [id, basedOn, ...valuesOf(content)],
  );
  return rowCount === 1;
}

export async function findRateSource(database: Queryable, id: string): Promise<RateSourceRow | undefined> {
  const { rows } = await database.query<Raw>(`select ${columns} from rate_sources where id = $1`, [id]);
  return rows[0] && fromRow(rows[0]);
}

const sourcesMax = 100;

/** More than this would be a mistake; the first made are first. */
export async function listRateSources(
  database: Queryable,
  filter: { isEnabled?: boolean } = {},
): Promise<RateSourceRow[]> {
  const { rows } = await database.query<Raw>(
    `select ${columns} from rate_sources where $1::boolean is null or is_enabled = $1 order by id limit ${sourcesMax}`,
    [filter.isEnabled ?? null],
  );
  return rows.map(fromRow);
}

const problemCharactersMax = 2_000;

export async function noteFetch(database: Queryable, id: string, problem: string | undefined): Promise<void> {
  await database.query('update rate_sources set fetched_at = now(), fetch_problem = $2 where id = $1', [
    id,
    problem?.slice(0, problemCharactersMax).replaceAll('\0', '') ?? null,
  ]);
}

function fromRow(row: Raw): RateSourceRow {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    pairs: row.pairs,
    observedAtPath: row.observed_at_path ?? undefined,
    spreadPercent: row.spread_percent,
    isEnabled: row.is_enabled,
    version: row.version,
    changedBy: row.changed_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    fetchedAt: row.fetched_at ?? undefined,
    fetchProblem: row.fetch_problem ?? undefined,
  };
}
