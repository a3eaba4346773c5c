import type { Queryable } from '../../pool';

/** One promise about the rows. */
export interface Invariant {
  name: string;
  promise: string;
  /** Whoever reads them stops when the time is over; a page that takes long by itself keeps to `msMax`. */
  pages(database: Queryable, msMax: number): AsyncGenerator<InvariantPage>;
}

/** What one statement looked at: how many things, and the names of those that break the promise. */
export interface InvariantPage {
  checked: number;
  offenders: string[];
  /** How many break it, where the names are only the first of them. */
  broken?: number;
  /** Its own time was over before it had looked at everything. */
  isCutShort?: boolean;
  /** Worth keeping, whatever was found. */
  note?: string;
}

export interface PagedQuery {
  /** Before the first page. */
  start: string;
  pageRows: number;
  /**
   * $1 is the last key of the page before and $2 how many rows to look at. It answers with one row: `last`, the key
   * of the last row of this page or null if there was none, `checked`, how many are `broken`, and the first `offenders`.
   */
  text: string;
}

interface PageRow {
  last: string | null;
  checked: bigint;
  broken: bigint;
  offenders: string[];
}

/** Page by page in the order of a key, so that neither memory nor a statement's time grows with the table. */
export async function* paged(database: Queryable, query: PagedQuery): AsyncGenerator<InvariantPage> {
  let last = query.start;
  for (;;) {
    const { rows } = await database.query<PageRow>(query.text, [last, query.pageRows]);
    const [page] = rows;
    if (page === undefined || page.last === null) return;
    yield { checked: Number(page.checked), broken: Number(page.broken), offenders: page.offenders };
    if (Number(page.checked) < query.pageRows) return;
    last = page.last;
  }
}

/** The tail that all paged statements share: `page` has been looked at, `broken` names what is wrong in it. */
export function verdict(key: string): string {
  return `select (select ${key} as last from page order by n desc limit 1) as last,
    (select count(*) from page) as checked,
    (select count(*) from broken) as broken,
    array(select offender from broken limit 20) as offenders`;
}
