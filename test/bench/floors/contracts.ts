/** The floors: the least a durable payment can do, to hold the product against. Frozen: a test keeps their hash. */
export type FloorKind = 'update-with-start' | 'eager';

export interface FloorInput {
  orderId: string;
}

export interface FloorAnswer {
  status: 'requires_action';
  orderId: string;
}

export interface FloorActivities {
  open(input: FloorInput): Promise<FloorAnswer>;
  record(input: FloorInput): Promise<void>;
}

/** What a floor process reads from the variable FLOOR; the worker's figures are the product's. */
export interface FloorSettings {
  kind: FloorKind;
  temporalAddress: string;
  namespace: string;
  taskQueue: string;
  bundlePath: string;
  /** Where finished orders are told, in batches. */
  doneUrl: string;
  taskSlots: number;
  pollers: number;
  cachedWorkflowsMax: number;
}

export function floorSettings(): FloorSettings {
  const text = process.env.FLOOR;
  if (text === undefined) throw new Error('FLOOR is not set: the bench starts this process.');
  return JSON.parse(text) as FloorSettings;
}
