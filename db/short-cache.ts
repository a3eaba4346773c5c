/**
 * Configuration is read through a cache of at most a second: a change takes effect within it, and a hundred
 * payments a second do not read the same row a hundred times. Bounded; what is being read is read once.
 */
export interface ShortCache<T> {
  get(key: string): Promise<T>;
  /** What is read from now on is read anew. */
  forget(key: string): void;
  forgetAll(): void;
}

export function createShortCache<T>(options: {
  ttlMs: number;
  entriesMax: number;
  read: (key: string) => Promise<T>;
  now?: () => number;
}): ShortCache<T> {
  const now = options.now ?? Date.now;
  const entries = new Map<string, { value: Promise<T>; until: number }>();
  return {
    get(key) {
      const known = entries.get(key);
      if (known !== undefined && known.until > now()) return known.value;
      const value = options.read(key);
      entries.delete(key);
      if (entries.size >= options.entriesMax) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      const entry = { value, until: now() + options.ttlMs };
      entries.set(key, entry);
      // A failed read is not an answer: the next caller asks again.
      value.catch(() => entries.get(key) === entry && entries.delete(key));
      return value;
    },
    forget: (key) => void entries.delete(key),
    forgetAll: () => entries.clear(),
  };
}
