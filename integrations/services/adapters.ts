import type { Caller } from '../call';
import type { HttpClient } from '../http-exchange';
import { createAliyun } from '../messaging/aliyun';
import { createSendgrid } from '../messaging/sendgrid';
import { createTwilio } from '../messaging/twilio';
import { createHttpEndpoint } from './http-endpoint';
import type { ServiceAdapter, ServiceType } from './service-adapter';

export interface ServiceAdapterDependencies {
  caller: Caller;
  http: HttpClient;
  now: () => Date;
}

export interface ServiceAdapters {
  readonly all: readonly ServiceAdapter[];
  find(serviceType: string, kind: string): ServiceAdapter | undefined;
}

const plainTypes: readonly ServiceType[] = [
  'OAUTH_PROVIDER',
  'PUSH_SERVICE',
  'ANALYTICS_SERVICE',
  'STORAGE_SERVICE',
];

/** The one place where adapters are registered: who adds one adds it here. */
export function createServiceAdapters(deps: ServiceAdapterDependencies): ServiceAdapters {
  const all: ServiceAdapter[] = [
    createSendgrid(deps),
    createTwilio(deps),
    createAliyun(deps),
    ...plainTypes.map((type) => createHttpEndpoint(deps, type)),
  ];
  return {
    all,
    find: (serviceType, kind) =>
      all.find((adapter) => adapter.serviceType === serviceType && adapter.kind === kind),
  };
}
