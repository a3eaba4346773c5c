import { z } from 'zod';
import type { IdKind } from '../../domain/ids';
import { idInput } from './ids';

export const limitQuery = z
  .string()
  .default('20')
  .transform((text, ctx) => {
    if (/^[1-9][0-9]{0,2}$/.test(text) && Number(text) <= 100) return Number(text);
    ctx.addIssue({ code: 'custom', message: 'wants a whole number from 1 to 100' });
    return z.NEVER;
  })
  .meta({ description: 'How many, 1 to 100.' });

/** Query of a list: newest first, `startingAfter` the last id of the page before. */
export function pageQuery(kind: IdKind) {
  return { limit: limitQuery, startingAfter: idInput(kind).optional() };
}

export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ object: z.literal('list'), data: z.array(item), hasMore: z.boolean() });
}

/** Stores read one row more than asked for: it tells that there are more, and is not shown. */
export function toList<Row, Item>(rows: Row[], limitMax: number, present: (row: Row) => Item) {
  return {
    object: 'list' as const,
    data: rows.slice(0, limitMax).map(present),
    hasMore: rows.length > limitMax,
  };
}
