/**
 * Configuration is read through a cache of at most a second: a change takes effect within it, and a hundred
 * payments a second do not read the same row a hundred times. Bounded; what is being read is read once, and
 * what is in use is read again before its time is over, so that no payment waits for it.
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
  const entries = new Map<string, Entry<T>>();

  function read(key: string): Entry<T> {
    const entry: Entry<T> = { value: options.read(key), readAt: now(), isBeingRead: true };
    entry.value.then(
      () => (entry.isBeingRead = false),
      // A failed read is not an answer: the next caller asks again.
      () => entries.get(key) === entry && entries.delete(key),
    );
    return entry;
  }

  function keep(key: string, entry: Entry<T>): void {
    entries.delete(key);
    if (entries.size >= options.entriesMax) {
      const oldest = entries.keys().next();
      if (!oldest.done) entries.delete(oldest.value);
    }
    entries.set(key, entry);
  }

  function refresh(key: string, known: Entry<T>): void {
    known.isBeingRead = true;
    const fresh = read(key);
    fresh.value.then(
      // What was forgotten meanwhile may have been read before the change.
      () => entries.get(key) === known && keep(key, fresh),
      () => (known.isBeingRead = false),
    );
  }

  return {
    get(key) {
      const known = entries.get(key);
      const age = known === undefined ? Infinity : now() - known.readAt;
      if (known === undefined || age >= options.ttlMs) {
        const entry = read(key);
        keep(key, entry);
        return entry.value;
      }
      if (age >= options.ttlMs / 2 && !known.isBeingRead) refresh(key, known);
      return known.value;
    },
    forget: (key) => void entries.delete(key),
    forgetAll: () => entries.clear(),
  };
}

interface Entry<T> {
  value: Promise<T>;
  readAt: number;
  /** For the first time, or again ahead of time. */
  isBeingRead: boolean;
}
