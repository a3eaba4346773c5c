import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** What payments are found by in Temporal UI; set when a workflow starts, where they cost no event. */
export const SEARCH_ATTRIBUTES = {
  MerchantId: 'Keyword',
  Mode: 'Keyword',
  Currency: 'Keyword',
  Attention: 'Keyword',
} as const;

const GRPC_NOT_FOUND = 5;
const DAY_SECONDS = 86_400;

export interface NamespaceOptions {
  namespace: string;
  retentionDays: number;
}

/** Makes the namespace if there is none, sets its retention, registers the search attributes. Safe to repeat. */
export async function prepareNamespace(connection: ConnectionLike, options: NamespaceOptions): Promise<void> {
  await setRetention(connection, options);
  await addSearchAttributes(connection, options.namespace);
}

async function setRetention(connection: ConnectionLike, options: NamespaceOptions): Promise<void> {
  const workflowExecutionRetentionTtl = { seconds: options.retentionDays * DAY_SECONDS } as never;
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace: options.namespace });
    if (Number(config?.workflowExecutionRetentionTtl?.seconds) === options.retentionDays * DAY_SECONDS)
      return;
    await connection.workflowService.updateNamespace({
      namespace: options.namespace,
      config: { workflowExecutionRetentionTtl },
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== GRPC_NOT_FOUND) throw error;
    await connection.workflowService.registerNamespace({
      namespace: options.namespace,
      workflowExecutionRetentionPeriod: workflowExecutionRetentionTtl,
    });
  }
}

async function addSearchAttributes(connection: ConnectionLike, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
  });
}
