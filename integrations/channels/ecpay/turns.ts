/** One after the other for each key: who looks and then acts must not be overtaken between the two. */
export interface Turns {
  take<Value>(key: string, action: () => Promise<Value>): Promise<Value>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, action) {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(action);
      const settled = mine.catch(() => undefined);
      last.set(key, settled);
      try {
        return await mine;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
  };
}
