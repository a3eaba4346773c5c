import { createHash } from 'node:crypto';
import { DatabaseError } from 'pg';
import type { Database } from '../pool';
import { accountsHaveOwners } from './invariants/accounts';
import { accountIdsFit } from './invariants/account-ids';
import { adjustmentsAreApproved } from './invariants/adjustments';
import { balancesAreSums, chainVerifies, journalsBalance } from './invariants/books';
import { boundsHold } from './invariants/bounds';
import { journalsHaveCauses } from './invariants/causes';
import { isUnreadable, unreadable, type Invariant, type InvariantPage } from './invariants/check';
import { counterpartiesFit } from './invariants/counterparties';
import { disputesAreBooked } from './invariants/disputes';
import { clearingIsExplained, conversionsMatch } from './invariants/exchange';
import { feesFollowPlans } from './invariants/fees';
import { heldIsExplained } from './invariants/held';
import { lateMoneyFits } from './invariants/late-money';
import { chargesAreBooked, paidIsCharged, refundsFit } from './invariants/payments';
import { refundsAreBooked } from './invariants/refunds';
import { suspenseIsExplained } from './invariants/suspense';

const invariants: readonly Invariant[] = [
  journalsBalance,
  balancesAreSums,
  boundsHold,
  accountsHaveOwners,
  accountIdsFit,
  journalsHaveCauses,
  counterpartiesFit,
  paidIsCharged,
  chargesAreBooked,
  refundsFit,
  refundsAreBooked,
  disputesAreBooked,
  feesFollowPlans,
  heldIsExplained,
  suspenseIsExplained,
  lateMoneyFits,
  conversionsMatch,
  clearingIsExplained,
  adjustmentsAreApproved,
  chainVerifies,
];

export const invariantNames: readonly string[] = invariants.map(({ name }) => name);

export interface AuditedInvariant {
  name: string;
  promise: string;
  checked: number;
  /** How many were found broken; the first of them by name. */
  broken: number;
  offenders: string[];
  /** All rows were looked at, from where it began; otherwise the time was over first, or a value could not be read. */
  isComplete: boolean;
  /** The place where to go on. Nothing of it is kept here: what was looked at, and when, is the asker's to know. */
  next: string | null;
  note: string | null;
  tookMs: number;
}

/** The place where to go on is not one that an answer gave. */
export class UnknownPlace extends Error {}

export interface AuditOptions {
  msMaxEach: number;
  /** One promise alone; then `after` may say where to go on. */
  only?: { name: string; after?: string };
}

const offendersShownMax = 20;

/**
 * Holds the promises against the rows while the platform runs: each page is one statement, so it sees one moment,
 * and what is written together is seen together.
 */
export async function auditInvariants(
  database: Database,
  { msMaxEach, only }: AuditOptions,
): Promise<AuditedInvariant[]> {
  const findings: AuditedInvariant[] = [];
  for (const invariant of invariants) {
    if (only !== undefined && only.name !== invariant.name) continue;
    findings.push(await audit(database, invariant, msMaxEach, placeOf(invariant, only?.after)));
  }
  return findings;
}

/** In which part, and where in it; without a key at its beginning. */
interface Place {
  part: number;
  key?: string;
}

async function audit(
  database: Database,
  invariant: Invariant,
  msMax: number,
  from: Place,
): Promise<AuditedInvariant> {
  const startedAt = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAt);
  const finding = { checked: 0, broken: 0, offenders: [] as string[], note: null as string | null };
  let place: Place | undefined = from;
  let isSkipped = false;
  try {
    for await (const { page, next, skips } of pagesOf(database, invariant, from)) {
      isSkipped ||= skips === true;
      finding.checked += page.checked;
      finding.broken += page.broken ?? page.offenders.length;
      finding.offenders.push(...page.offenders.slice(0, offendersShownMax - finding.offenders.length));
      finding.note = page.note ?? finding.note;
      place = next;
      if (tookMs() > msMax) break;
    }
  } catch (error) {
    // One page was too much for the time that a statement may take: it is where to go on.
    if (!wasCancelled(error)) throw error;
  }
  const { name, promise } = invariant;
  return {
    ...{ name, promise, ...finding, isComplete: place === undefined && !isSkipped },
    next: place === undefined ? null : nameOfPlace(name, place),
    tookMs: tookMs(),
  };
}

async function* pagesOf(
  database: Database,
  { parts }: Invariant,
  from: Place,
): AsyncGenerator<{ page: InvariantPage; next?: Place; skips?: boolean }> {
  for (const [at, pages] of parts.entries()) {
    if (at < from.part) continue;
    const after = at + 1 < parts.length ? { part: at + 1 } : undefined;
    let key = at === from.part ? from.key : undefined;
    let isOver = false;
    try {
      for await (const page of pages(database, key)) {
        key = page.next;
        isOver = key === undefined;
        yield { page, next: isOver ? after : { part: at, key } };
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // Nobody knows which row it was, so the rest of this part is left out; the other parts are not.
      const where = key === undefined ? 'of the first rows' : `of those after ${key}`;
      const offender = `part ${at + 1}, ${where}: ${unreadable(error)}, and no more of them were looked at`;
      yield { page: { checked: 0, offenders: [offender] }, next: after, skips: true };
      continue;
    }
    // What came last was full to the brim, and nothing came after it.
    if (!isOver) yield { page: nothing, next: after };
  }
}

const nothing: InvariantPage = { checked: 0, offenders: [] };

/** What a key is made of is not for an address line. With the digest, a place that is none is not taken for a bad row. */
export function nameOfPlace(check: string, { part, key }: Place): string {
  const place = [part, key ?? null];
  return Buffer.from(JSON.stringify([...place, digestOf(check, place)])).toString('base64url');
}

const digestOf = (check: string, place: unknown[]) =>
  createHash('sha256')
    .update(JSON.stringify([check, ...place]))
    .digest('hex')
    .slice(0, 16);

function placeOf({ name, parts }: Invariant, text: string | undefined): Place {
  if (text === undefined) return { part: 0 };
  try {
    const [part, key, digest] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const isOurs = digest === digestOf(name, [part, key]) && typeof part === 'number' && part in parts;
    if (isOurs && (key === null || typeof key === 'string')) return { part, key: key ?? undefined };
  } catch {
    // Not ours.
  }
  throw new UnknownPlace(name);
}

function wasCancelled(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '57014';
}
