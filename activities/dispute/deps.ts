import type { PaymentDeps } from '../payment/deps';

export type DisputeDeps = Pick<
  PaymentDeps,
  'database' | 'channelOf' | 'ledger' | 'callbackCommitted' | 'newId' | 'timings' | 'log'
> & {
  disputes: { remindBeforeMs: number };
  openEvidence(evidenceId: string, sealed: Buffer): string;
};
