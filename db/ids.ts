import { v7 } from 'uuid';

/** Ids carry their time: partitions prune by them and lists sort by them. */
export function newId(): string {
  return v7();
}

/** The lowest UUIDv7 of a moment: the edge of a partition, or of a time range in a list. */
export function lowestIdAt(moment: Date): string {
  const hex = moment.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
