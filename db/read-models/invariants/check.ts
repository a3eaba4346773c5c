import { DatabaseError, type QueryResult } from 'pg';
import type { Queryable } from '../../pool';

/** Before every id that there is: where a look in the order of ids begins. */
export const nobody = '00000000-0000-0000-0000-000000000000';

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

/**
 * In the order of a key, so that neither memory nor a statement's time grows with the table. Where a value can't be
 * read the page is looked at in smaller ones, until that row is alone: it is named, and the look goes on behind it.
 */
export function paged(query: PagedQuery): Part {
  const unjudged = query.text.replace(ofBroken, `1::bigint as broken, '{}'::text[] as offenders`);
  return async function* (database, from = query.start) {
    const ask = async (text: string, after: string, rows: number) => {
      const found: QueryResult<PageRow> = await database.query<PageRow>(text, [after, rows]);
      return found.rows[0];
    };
    let rows = query.pageRows;
    let next: string | undefined = from;
    while (next !== undefined) {
      let page: PageRow | undefined;
      try {
        page = await ask(query.text, next, rows);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        if (rows > 1) {
          rows = Math.ceil(rows / 2);
          continue;
        }
        page = await ask(unjudged, next, rows);
        page?.offenders.push(`${page.last}: ${unreadable(error)}`);
      }
      rows = Math.min(query.pageRows, rows * 2);
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

/** What a look comes to; without it, what a page has broken is not computed at all. */
export const ofBroken = `(select count(*) from broken) as broken,
    array(select offender from broken limit 20) as offenders`;

/** The tail that all paged statements share: `page` has been looked at, `broken` names what is wrong in it. */
export function verdict(key: string): string {
  return `select (select ${key} as last from page order by n desc limit 1) as last,
    (select count(*) = $2 from page) as has_more,
    (select count(*) from page) as checked,
    ${ofBroken}`;
}

/** What stands in a row is no value of its kind: the database says so (class 22), or what computes with it. */
export function isUnreadable(error: unknown): error is Error {
  if (error instanceof DatabaseError) return error.code?.startsWith('22') === true;
  return error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError;
}

export function unreadable({ message }: Error): string {
  return `a value there can't be read (${message})`;
}
