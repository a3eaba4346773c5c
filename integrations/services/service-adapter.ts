import type { z } from 'zod';
import type { ConfigDocument } from '../../domain/config/document';
import type { SecretFields } from '../../domain/config/secrets';
import type { CallLimits, RetryPolicy } from '../../domain/config/service';
import type { CallOutcome } from '../call-outcome';

/** What a service is for. Payment gateways are channels, which are configured as such: docs/adr/0006. */
export const serviceTypes = [
  'EMAIL_SERVICE',
  'SMS_SERVICE',
  'PAYMENT_GATEWAY',
  'OAUTH_PROVIDER',
  'PUSH_SERVICE',
  'ANALYTICS_SERVICE',
  'STORAGE_SERVICE',
] as const;
export type ServiceType = (typeof serviceTypes)[number];

/** One configured service, ready to be called. Its configuration is in clear: never log this. */
export interface ConfiguredService<Configuration extends ConfigDocument = ConfigDocument> {
  id: string;
  /** What preference lists call it: `EMAIL_PROVIDER_PRIMARY`. */
  name: string;
  serviceType: ServiceType;
  kind: string;
  configurations: Configuration;
  timeoutMs: number;
  /** For the workflow that calls it. */
  retryPolicy: RetryPolicy;
}

/** What every call carries. The deadline is the caller's; a time-out is an unknown outcome. */
export interface ServiceCall<Configuration extends ConfigDocument = ConfigDocument> {
  service: ConfiguredService<Configuration>;
  timeoutMs: number;
  /** Follows the call through logs to the workflow. */
  correlationId: string;
}

/**
 * One provider's kind of service. What it does for its type (send a mail, send a message) is said by an interface
 * of that type which extends this one, so that a primary and its backup are called alike.
 */
export interface ServiceAdapter<Configuration extends ConfigDocument = ConfigDocument> {
  readonly serviceType: ServiceType;
  /** `SENDGRID`, `TWILIO`, `ALIYUN_SMS`: capitals, digits, underscores. */
  readonly kind: string;
  /** The version of the provider's API it speaks. */
  readonly apiVersion: string;
  /** Strict: an unknown or missing field is pointed at by its name. */
  readonly configurationSchema: z.ZodType<Configuration>;
  /** Fields of the configuration that are encrypted, and shown masked. */
  readonly secretFields: SecretFields;
  /** What the provider allows, where the configuration says nothing else. */
  readonly limits?: CallLimits;
  /**
   * By hand, before the service is enabled. A provider without an address to try credentials at may send a
   * message to `recipient`, and without one says `misconfigured` with what it wants.
   */
  testConnection(
    call: ServiceCall<Configuration>,
    options: { recipient?: string },
  ): Promise<CallOutcome<unknown>>;
  /** On a schedule: costs nothing, disturbs nobody. Without it a service is judged by its calls alone. */
  checkHealth?(call: ServiceCall<Configuration>): Promise<CallOutcome<unknown>>;
}

/** A configured service with the adapter that speaks its language. */
export interface ReadyService {
  adapter: ServiceAdapter;
  service: ConfiguredService;
  isEnabled: boolean;
}
