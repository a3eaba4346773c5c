import { setTimeout as sleep } from 'node:timers/promises';
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
const GRPC_ALREADY_EXISTS = 6;
const DAY_SECONDS = 86_400;
/** A server remembers for a second that it found no such namespace, even when it has been made meanwhile. */
const KNOWN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 250;

export interface NamespaceOptions {
  namespace: string;
  retentionDays: number;
}

/** Makes the namespace if there is none, sets its retention, registers the search attributes. Safe to repeat. */
export async function prepareNamespace(connection: ConnectionLike, options: NamespaceOptions): Promise<void> {
  await setRetention(connection, options);
  const end = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      await addSearchAttributes(connection, options.namespace);
      return;
    } catch (error) {
      if (!hasCode(error, GRPC_NOT_FOUND) || Date.now() > end) throw error;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && Number(error.code) === code;
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
    if (!hasCode(error, GRPC_NOT_FOUND)) throw error;
    await registerNamespace(connection, {
      namespace: options.namespace,
      workflowExecutionRetentionPeriod: workflowExecutionRetentionTtl,
    });
  }
}

/** Another worker that starts at the same time may have been faster. */
async function registerNamespace(
  connection: ConnectionLike,
  request: Parameters<ConnectionLike['workflowService']['registerNamespace']>[0],
): Promise<void> {
  try {
    await connection.workflowService.registerNamespace(request);
  } catch (error) {
    if (!hasCode(error, GRPC_ALREADY_EXISTS)) throw error;
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
