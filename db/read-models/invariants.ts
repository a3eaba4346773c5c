import { DatabaseError } from 'pg';
import type { Database } from '../pool';
import { balancesAreSums, chainVerifies, journalsBalance } from './invariants/books';
import type { Invariant } from './invariants/check';
import { clearingIsExplained, conversionsMatch } from './invariants/exchange';
import { lateMoneyFits } from './invariants/late-money';
import { chargesAreBooked, paidIsCharged, refundsFit, suspenseIsExplained } from './invariants/payments';

const invariants: readonly Invariant[] = [
  journalsBalance,
  balancesAreSums,
  paidIsCharged,
  chargesAreBooked,
  refundsFit,
  suspenseIsExplained,
  lateMoneyFits,
  conversionsMatch,
  clearingIsExplained,
  chainVerifies,
];

export interface AuditedInvariant {
  name: string;
  promise: string;
  checked: number;
  /** How many were found broken; the first of them by name. */
  broken: number;
  offenders: string[];
  /** All rows were looked at; otherwise the time was over first. */
  isComplete: boolean;
  note: string | null;
  tookMs: number;
}

const offendersShownMax = 20;

/**
 * Holds the promises against the rows while the platform runs: each page is one statement, so it sees one moment,
 * and what is written together is seen together.
 */
export async function auditInvariants(
  database: Database,
  options: { msMaxEach: number },
): Promise<AuditedInvariant[]> {
  const findings: AuditedInvariant[] = [];
  for (const invariant of invariants) findings.push(await audit(database, invariant, options.msMaxEach));
  return findings;
}

async function audit(database: Database, invariant: Invariant, msMax: number): Promise<AuditedInvariant> {
  const startedAt = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAt);
  const finding: AuditedInvariant = {
    name: invariant.name,
    promise: invariant.promise,
    checked: 0,
    broken: 0,
    offenders: [],
    isComplete: true,
    note: null,
    tookMs: 0,
  };
  try {
    for await (const page of invariant.pages(database, msMax)) {
      finding.checked += page.checked;
      finding.broken += page.broken ?? page.offenders.length;
      finding.offenders.push(...page.offenders.slice(0, offendersShownMax - finding.offenders.length));
      finding.note = page.note ?? null;
      finding.isComplete = page.isCutShort !== true && tookMs() <= msMax;
      if (!finding.isComplete) break;
    }
  } catch (error) {
    if (!wasCancelled(error)) throw error;
    finding.isComplete = false;
  }
  return { ...finding, tookMs: tookMs() };
}

/** One page was too much for the time that a statement may take. */
function wasCancelled(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '57014';
}
