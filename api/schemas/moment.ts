import { z } from 'zod';

/** A time in a query. */
export const moment = z.iso
  .datetime({ offset: true, error: 'wants a time such as 2026-01-31T00:00:00Z' })
  .transform((text) => new Date(text));
