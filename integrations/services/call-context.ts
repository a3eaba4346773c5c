import type { ConfigDocument } from '../../domain/config/document';
import type { CallContext } from '../call';
import type { ServiceCall } from './service-adapter';

/** What the pipeline wants to know of a call to a service. */
export function contextOf<Configuration extends ConfigDocument>(
  { service, timeoutMs, correlationId }: ServiceCall<Configuration>,
  operation: string,
): CallContext {
  return {
    service: service.kind.toLowerCase(),
    instance: service.id,
    serviceType: service.serviceType,
    operation,
    timeoutMs,
    correlationId,
  };
}
