import path from 'node:path';
import { Client } from '@temporalio/client';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Settings } from '../config/settings';
import { createPayloadCodec } from '../security/payload-codec';
import type { Log } from '../telemetry/log';
import { withinTime } from '../telemetry/within-time';

export const failureConverterPath = path.join(__dirname, `failure-converter${path.extname(__filename)}`);

export interface Temporal {
  connection: NativeConnection;
  client: Client;
  dataConverter: DataConverter;
  codec: PayloadCodec;
}

let isInstalled = false;

/** Before anything else of Temporal's is touched. A process has one runtime: whoever comes second shares it. */
export function installRuntime(log: Log): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    // Otherwise SIGTERM stops the worker under the requests that are being answered.
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[level === 'ERROR' ? 'error' : 'warn']({ temporal: meta }, message);
    }),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: { level: 'WARN' } } },
  });
}

/** One connection for client and worker: only then can a workflow start eagerly. */
export async function connectTemporal(settings: Settings): Promise<Temporal> {
  const connection = await NativeConnection.connect({
    address: settings.TEMPORAL_ADDRESS,
    tls: settings.TEMPORAL_TLS,
    apiKey: settings.TEMPORAL_API_KEY,
    // Payloads are encrypted and don't shrink; packing and unpacking every message costs both sides (docs/adr/0011).
    grpcCompression: { codec: 'none' },
  });
  holdDeadlines(connection);
  const codec = createPayloadCodec(settings.ENCRYPTION_KEYS);
  const dataConverter: DataConverter = {
    payloadCodecs: [codec],
    failureConverterPath,
  };
  const client = new Client({ connection, namespace: settings.TEMPORAL_NAMESPACE, dataConverter });
  return { connection, client, dataConverter, codec };
}

/**
 * The connection takes a deadline for that of each try, and where nobody listens it tries on for ten seconds and more.
 * Whoever names one means the end of it all.
 */
function holdDeadlines(connection: NativeConnection): void {
  const ofEachTry = connection.withDeadline.bind(connection);
  connection.withDeadline = (deadline, work) =>
    withinTime(ofEachTry(deadline, work), Number(deadline) - Date.now(), () => {
      throw deadlineExceeded();
    });
}

/** As gRPC says it, so that it is read like one from the server. */
function deadlineExceeded(): Error {
  const details = 'Deadline exceeded';
  return Object.assign(new Error(`4 DEADLINE_EXCEEDED: ${details}`), { code: 4, details, metadata: {} });
}
