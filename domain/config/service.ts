import type { ConfigDocument } from './document';

/** How a call to a service is repeated. Temporal does it, by the outcome's kind; nothing below waits. */
export interface RetryPolicy {
  triesMax: number;
  firstDelayMs: number;
  backoffFactor: number;
  delayMsMax: number;
}

/** How much one account may be asked; what is absent is not limited. */
export interface CallLimits {
  perSecond?: number;
  /** How many may come at once after a quiet time; without it, as many as a second allows. */
  burst?: number;
  perHour?: number;
  perDay?: number;
}

/** Everything that is configured of a service: what a version of it holds. */
export interface ServiceDocument {
  name: string;
  serviceType: string;
  kind: string;
  description: string;
  configurations: ConfigDocument;
  isEnabled: boolean;
  defaultTimeoutMs: number;
  retryPolicy: RetryPolicy;
  healthCheckEndpoint: string | null;
  limits: CallLimits;
}
