import type { Client } from '@temporalio/client';
import type { Stage } from '../../../dev/demo/story';

/** One way a workflow can go, played on a real stack; its history is what is recorded. */
export interface RecordingCase {
  /** `<workflow>/<case>`. */
  name: string;
  /** Plays it, and says whose history it is about. It may still be running: its end is waited for. */
  play(stage: RecordingStage): Promise<{ workflowId: string; runId?: string }>;
}

export interface RecordingStage extends Stage {
  client: Client;
  /** Lets something go wrong in the KPay sandbox: docs/channels/kpay.md. */
  fault(spec: { kind: string; operation?: string; count?: number; ms?: number }): Promise<void>;
}
