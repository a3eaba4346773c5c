import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { newId } from '../../db/ids';
import type { Queryable } from '../../db/pool';
import {
  claimIdempotencyKey,
  releaseIdempotencyKey,
  storeIdempotentAnswer,
  type IdempotencyHold,
} from '../../db/stores/idempotency-keys-store';
import { hasCardNumber } from '../../domain/card-number';
import type { SecretBox } from '../../security/secret-box';
import type { Log } from '../../telemetry/log';
import type { Caller } from '../caller';
import { fail } from '../errors';
import { canonicalJson } from '../json';
import type { Idempotency, RawAnswer, Route } from '../route';

export interface IdempotentRequest {
  route: Route;
  request: Request;
  caller: Caller | undefined;
  body: unknown;
  log: Log;
}

export type IdempotentRunner = (
  from: IdempotentRequest,
  work: (idempotency: Idempotency) => Promise<RawAnswer>,
) => Promise<RawAnswer>;

/** Longer than any request lives, so that a lock that ran out belongs to a process that died. */
const lockForMs = 60_000;

/**
 * The Idempotency-Key header of every POST. The first request with a key does the work and its answer is
 * kept; repeats get that answer. Answers that a repeat may better (under way, 5xx, conflicts, too many, not allowed) are
 * not kept, nor is what is refused before the work begins (no key of ours, a body that does not fit): that never comes here.
 * Without the header nothing here touches the database.
 */
export function createIdempotentRunner(deps: {
  database: Queryable;
  secretBox: SecretBox;
}): IdempotentRunner {
  return async (from, work) => {
    const key = readKey(from.request);
    if (key === undefined || from.route.method !== 'post' || from.caller === undefined) {
      return work({ resourceId: newId(), refusals: 0 });
    }
    const scope = scopeOf(from.caller);
    const aad = `idempotency_keys/${scope}/${key}`;
    const claim = await claimIdempotencyKey(deps.database, {
      scope,
      key,
      operation: from.route.operationId,
      requestHash: hashOf(from),
      resourceId: newId(),
      lockForMs,
    });
    if (claim.kind === 'other_request') throw fail('idempotency_key_reused');
    if (claim.kind === 'in_progress') throw fail('idempotency_in_progress');
    if (claim.kind === 'answered') {
      return replay(deps.secretBox.openText(claim.body, aad), claim.status);
    }
    const hold: IdempotencyHold = { scope, key, lockedUntil: claim.lockedUntil };
    let answer: RawAnswer;
    try {
      answer = await work({ resourceId: claim.resourceId, refusals: claim.refusals });
    } catch (error) {
      await settle(from.log, releaseIdempotencyKey(deps.database, hold, false));
      throw error;
    }
    await settle(
      from.log,
      isFinal(from.route, answer.status)
        ? storeIdempotentAnswer(deps.database, hold, {
            status: answer.status,
            body: deps.secretBox.seal(JSON.stringify({ headers: answer.headers, body: answer.body }), aad),
          })
        : releaseIdempotencyKey(deps.database, hold, answer.status === 409),
    );
    return answer;
  };
}

/** The work is done and must be answered: a key that could not be settled runs out by itself. */
async function settle(log: Log, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => log.warn({ err: error }, 'idempotency key not settled'));
}

function readKey(request: Request): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) throw fail('idempotency_key_invalid');
  if (hasCardNumber(key)) throw fail('card_number_refused');
  return key;
}

function scopeOf(caller: Caller): string {
  return caller.role === 'admin' ? 'operator' : `${caller.merchantId}/${caller.mode}`;
}

/** Same path and equal body, whatever the order of its keys. */
function hashOf({ request, body }: IdempotentRequest): Buffer {
  return createHash('sha256')
    .update(`${request.originalUrl}\n${canonicalJson(body ?? {})}`)
    .digest();
}

function isFinal({ responses }: Route, status: number): boolean {
  return status < 500 && ![403, 408, 409, 429].includes(status) && responses[status]?.isInterim !== true;
}

function replay(stored: string, status: number): RawAnswer {
  const { headers, body } = JSON.parse(stored) as Omit<RawAnswer, 'status'>;
  return { status, headers: { ...headers, 'Idempotent-Replayed': 'true' }, body };
}
