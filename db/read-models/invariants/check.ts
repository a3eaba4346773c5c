import type { QueryResult } from 'pg';
import type { Queryable } from '../../pool';

/** One promise about the rows. */
export interface Invariant {
  name: string;
  promise: string;
  /** One after the other. */
  parts: readonly Part[];
}

/**
 * Looks page by page, from the beginning or from the place where an earlier look ended. Whoever reads the pages stops
 * when the time is over: each is bounded, and says where to go on.
 */
export type Part = (database: Queryable, from?: string) => AsyncGenerator<InvariantPage>;

/** What one statement looked at: how many things, and the names of those that break the promise. */
export interface InvariantPage {
  checked: number;
  offenders: string[];
  /** How many break it, where the names are only the first of them. */
  broken?: number;
  /** Where to go on; undefined: this was the last page. */
  next?: string;
  /** Worth keeping, whatever was found. */
  note?: string;
}

export interface PagedQuery {
  /** Before the first page. */
  start: string;
  pageRows: number;
  /**
   * $1 is the last key of the page before and $2 how many rows to look at. It answers with one row: `last`, the key
   * of the last row of this page or null if there was none, whether there is more after it, how many were `checked`,
   * how many are `broken`, and the first `offenders`.
   */
  text: string;
}

interface PageRow {
  last: string | null;
  has_more: boolean;
  checked: bigint;
  broken: bigint;
  offenders: string[];
}

/** In the order of a key, so that neither memory nor a statement's time grows with the table. */
export function paged(query: PagedQuery): Part {
  return async function* (database, from = query.start) {
    let next: string | undefined = from;
    while (next !== undefined) {
      const found: QueryResult<PageRow> = await database.query<PageRow>(query.text, [next, query.pageRows]);
      const [page] = found.rows;
      if (page === undefined || page.last === null) return;
      next = page.has_more ? page.last : undefined;
      yield {
        checked: Number(page.checked),
        broken: Number(page.broken),
        offenders: page.offenders,
        ...(next !== undefined && { next }),
      };
    }
  };
}

/** The tail that all paged statements share: `page` has been looked at, `broken` names what is wrong in it. */
export function verdict(key: string): string {
  return `select (select ${key} as last from page order by n desc limit 1) as last,
    (select count(*) = $2 from page) as has_more,
    (select count(*) from page) as checked,
    (select count(*) from broken) as broken,
    array(select offender from broken limit 20) as offenders`;
}
