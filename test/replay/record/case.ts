import type { Client } from '@temporalio/client';
import type { Stage } from '../../../dev/demo/story';
import type { FaultSpec } from '../../../dev/sandboxes/parts/faults';

/** One way a workflow can go, played on a real stack; its history is what is recorded. */
export interface RecordingCase {
  /** `<workflow>/<case>`. */
  name: string;
  /** Plays it, and says whose history it is about. It may still be running: its end is waited for. */
  play(stage: RecordingStage): Promise<{ workflowId: string; runId?: string }>;
}

export interface RecordingStage extends Stage {
  client: Client;
  /** Lets something go wrong in a provider's sandbox, KPay's if none is named: docs/channels/kpay.md. */
  fault(spec: FaultSpec, at?: 'kpay' | 'stripe' | 'ecpay'): Promise<void>;
}
