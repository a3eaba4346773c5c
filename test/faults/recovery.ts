import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../../db/pool';
import { parsePublicId, publicId } from '../../domain/ids';
import type { ProviderWire } from './wire/provider-wire';

/** Workflow-task time-out, sticky time-out, and two seconds. */
export const recoveryMsMax = 5_000 + 2_000 + 2_000;
const watchedMsMax = 30_000;

export interface Recovery {
  payment: string;
  killed: string;
  ms: number;
}

export interface Killed {
  /** The process and the point, for people. */
  what: string;
  /** The message that it died with. */
  message: string;
  /** Something must follow: a call whose answer nobody has, or a change that was not committed. */
  isUnfinished: boolean;
}

export interface Recoveries {
  /**
   * Of the payment that its process died with: how long until somebody goes on with it, by a call to the provider
   * or a change in the database. Nothing is measured where nothing had to follow.
   */
  watch(killed: Killed): Promise<void>;
  readonly measured: readonly Recovery[];
}

interface State {
  id: string;
  version: number;
  isSending: boolean;
}

export function createRecoveries(database: Queryable, provider: ProviderWire): Recoveries {
  const measured: Recovery[] = [];

  async function stateOf(ids: string[]): Promise<State | undefined> {
    const { rows } = await database.query<State>(
      `select p.id, p.version, a.status = 'sending' as "isSending" from payments p
       join payment_attempts a on a.payment_id = p.id and a.attempt_no = p.attempt_no where p.id = any($1)`,
      [ids],
    );
    return rows[0];
  }

  return {
    measured,
    async watch({ what, message, isUnfinished }) {
      const diedAt = Date.now();
      const before = await stateOf(idsIn(message));
      if (before === undefined || !(isUnfinished || before.isSending)) return;
      const payment = publicId('payment', before.id);
      const calls = provider.calls.get(payment);
      while (Date.now() < diedAt + watchedMsMax) {
        const now = await stateOf([before.id]);
        if (provider.calls.get(payment) !== calls || now?.version !== before.version) break;
        await sleep(25);
      }
      measured.push({ payment, killed: what, ms: Date.now() - diedAt });
    },
  };
}

const idsMax = 50;

/** Every id that a message names; which of them is a payment's, the database knows. */
function idsIn(message: string): string[] {
  const plain = message.match(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [];
  const named = (message.match(/pay_[0-9a-f]{32}/g) ?? []).map(
    (name) => parsePublicId('payment', name) ?? '',
  );
  return [...new Set([...named, ...plain])].filter((id) => id !== '').slice(0, idsMax);
}
