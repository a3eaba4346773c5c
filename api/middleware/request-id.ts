import { randomUUID } from 'node:crypto';

/** A caller's own id is kept if it is one: short, printable, and nothing a log or a header could choke on. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{8,128}$/.test(header)
    ? header
    : `req_${randomUUID()}`;
}
