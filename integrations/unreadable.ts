import type { z } from 'zod';

interface Unreadable {
  kind: 'malformed';
  /** For the provider's engineer: its event is genuine, and so may be told what is wrong with it. */
  reason: string;
}

export const notJson: Unreadable = { kind: 'malformed', reason: 'the body is not JSON' };

/** A message that is not what its contract says: where, and what is wanted there; never what stands there. */
export function unreadable(what: string, error: z.ZodError): Unreadable {
  const issue = error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return { kind: 'malformed', reason: `${what} does not read: ${place}${issue?.message ?? ''}` };
}
