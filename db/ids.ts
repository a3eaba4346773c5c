import { v7 } from 'uuid';

/** Ids carry their time: partitions prune by them and lists sort by them. */
export function newId(): string {
  return v7();
}

/** Before the first of these there is no time in an id, and after the last none either. */
const idTimeMsMax = 2 ** 48 - 1;

/** The lowest UUIDv7 of a moment: the edge of a partition, or of a time range in a list. */
export function lowestIdAt(moment: Date): string {
  const ms = Math.min(Math.max(moment.getTime(), 0), idTimeMsMax);
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
