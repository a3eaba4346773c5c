import type { ChangeSince } from '../../db/stores/changes-since-store';
import type { PaymentState } from '../../domain/payment/state';

/** What names the cause of every change that this product makes: see `Cause`, and who changes a paid payment. */
const ourCauses =
  /^(event|poll|resolve|answer|next|capture|capture-no|cancel|release|attempt|review|retry|refund|dispute|evidence|suspense|late):./;
const ourCausesAlone: ReadonlySet<string> = new Set([
  'no-channel',
  'expiry',
  'review-deadline',
  'capture-deadline',
]);

/**
 * Temporal may lose a task whose steps were committed: a command came before it was completed, or its process died.
 * What runs again then is not told of them and finds the row further than it knows. That is nobody's meddling as long as
 * every version since then has its event, each with a cause of ours, and the row is what the last of them made of it.
 */
export function isOwnDoing(known: PaymentState, now: PaymentState, changes: readonly ChangeSince[]): boolean {
  // One may have been committed since the row was read.
  const since = changes.filter(({ version }) => version > known.version && version <= now.version);
  const isEveryOneTold = since.length === now.version - known.version && since.length > 0;
  return isEveryOneTold && since.every(isOurs) && since.at(-1)?.to === now.status;
}

function isOurs({ key, isBeside }: ChangeSince): boolean {
  return isBeside || ourCauses.test(key) || ourCausesAlone.has(key);
}
