import { createHash } from 'node:crypto';
import type { Answer } from '../parts/http-answers';
import { refuse } from './errors';

const keysMax = 200_000;

/** Stripe keeps the first answer to each key and gives it again, word for word; another request under it is refused. */
export function createIdempotency() {
  const answers = new Map<string, { asked: string; answer: Answer }>();

  return {
    recall(key: string, path: string, body: string): Answer | undefined {
      const known = answers.get(key);
      if (known === undefined) return undefined;
      if (known.asked !== fingerprint(path, body)) {
        return refuse(400, 'idempotency_error', undefined, 'another request was made with this key');
      }
      return { ...known.answer, headers: { ...known.answer.headers, 'idempotent-replayed': 'true' } };
    },

    keep(key: string, path: string, body: string, answer: Answer): void {
      const oldest = answers.size >= keysMax ? answers.keys().next().value : undefined;
      if (oldest !== undefined) answers.delete(oldest);
      answers.set(key, { asked: fingerprint(path, body), answer });
    },
  };
}

function fingerprint(path: string, body: string): string {
  return createHash('sha256').update(`${path}\n${body}`).digest('hex');
}
