import type { LoadTarget } from '../../load/contracts';

/** One platform under load: the product, or a floor. All of them stand at the same time on one Temporal server. */
export interface PaymentArm {
  name: string;
  target: LoadTarget;
  /** Its own processes by name; what the arms share is counted beside. */
  pids: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export interface SharedServers {
  temporalAddress: string;
  namespace: string;
  /** Where finished orders are to be told. */
  doneUrl: string;
}

/** The same figures for the product's workers and the floors'. */
export interface WorkerFigures {
  taskSlots: number;
  pollers: number;
  cachedWorkflowsMax: number;
}
