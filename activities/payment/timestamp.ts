interface Timestamp {
  seconds?: unknown;
  nanos?: number | null;
}

/** Of a moment or a duration, as Temporal's messages carry them. */
export function toMs(time: Timestamp): number {
  return Number(time.seconds ?? 0) * 1_000 + Math.trunc((time.nanos ?? 0) / 1_000_000);
}

export function toDate(time: Timestamp | null | undefined): Date {
  return new Date(toMs(time ?? {}));
}
