import type { FaultKind } from '../../../dev/sandboxes/parts/faults';
import type { Breakage } from './contract';

/** The contract's breakages in the words of our sandboxes. */
export const faultOf: Record<Breakage, FaultKind> = {
  timeout_after_commit: 'timeout_after',
  drop_after_commit: 'drop_after',
  error_after_commit: 'error_after',
  timeout_before_commit: 'timeout_before',
  not_processed: 'not_processed',
  unknown_status: 'unknown_status',
  garbage_answer: 'garbage',
  huge_answer: 'huge',
  endless_answer: 'endless',
};
