import type { z } from 'zod';
import { inPlainWords } from '../config/plain-words';

interface Unreadable {
  kind: 'malformed';
  /** For the provider's engineer: its event is genuine, and so may be told what is wrong with it. */
  reason: string;
}

export const notJson: Unreadable = { kind: 'malformed', reason: 'the body is not JSON' };

/** A message as its contract says it is, or where it is not and what is wanted there; never what stands there. */
export function readAs<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  value: unknown,
): { kind: 'read'; data: z.infer<Schema> } | Unreadable {
  const parsed = schema.safeParse(value, { error: inPlainWords });
  if (parsed.success) return { kind: 'read', data: parsed.data };
  const issue = parsed.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return { kind: 'malformed', reason: `${what} does not read: ${place}${issue?.message ?? ''}` };
}
