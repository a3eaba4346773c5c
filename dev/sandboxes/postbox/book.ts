import type { Letter } from './letter';

/** What was taken, the truth that fault tests compare with. Each call that is taken is a letter, wanted or not. */
export interface Book {
  take(letter: Omit<Letter, 'status' | 'createdAt' | 'endedAt'>): Letter;
  find(orderNo: string): Letter | undefined;
  end(letter: Letter, status: 'delivered' | 'undelivered'): void;
  newestFirst(): Letter[];
  clear(): void;
}

export interface BookOptions {
  letters: Letter[];
  now: () => number;
  lettersMax: number;
  onChange: (letter: Letter) => void;
}

export function createBook({ letters, now, lettersMax, onChange }: BookOptions): Book {
  const byNo = new Map(letters.map((letter) => [letter.orderNo, letter]));
  return {
    take(taken) {
      // Memory is bounded: the oldest goes, as in any inbox that nobody tidies.
      for (const oldest of byNo.keys()) {
        if (byNo.size < lettersMax) break;
        byNo.delete(oldest);
      }
      const letter: Letter = { ...taken, status: 'taken', createdAt: now(), endedAt: null };
      byNo.set(letter.orderNo, letter);
      onChange(letter);
      return letter;
    },
    find: (orderNo) => byNo.get(orderNo),
    end(letter, status) {
      letter.status = status;
      letter.endedAt = now();
      onChange(letter);
    },
    newestFirst: () => [...byNo.values()].reverse(),
    clear: () => byNo.clear(),
  };
}
