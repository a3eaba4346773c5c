import path from 'node:path';
import type { Settings } from '../../config/settings';
import type { Child } from './child';
import type { Keeper } from './keeper';
import type { RunNotes } from './orphans';
import { startPostgres, type Postgres } from './postgres';
import { withProgress, type Report } from './progress';
import type { StackPorts } from './stack-ports';
import { prepareNamespaceAt, startTemporal } from './temporal';
import { findTemporalProgram } from './temporal-program';

/** What every part of one start shares. */
export interface StackContext {
  stateFolder: string;
  logs: string;
  ports: StackPorts;
  settings: Settings;
  report: Report;
  keeper: Keeper;
  notes: RunNotes;
  signal?: AbortSignal;
  isThrowaway?: boolean;
}

export function bringUpPostgres(context: StackContext): Promise<Postgres> {
  return withProgress(context.report, 'Starting PostgreSQL', () =>
    startPostgres({
      ...context,
      folder: context.stateFolder,
      port: context.ports.postgres,
      logFile: path.join(context.logs, 'postgres.log'),
    }),
  );
}

/** Undefined when a server that runs already was named. */
export async function bringUpTemporal(
  context: StackContext,
  given: { temporalAddress?: string; codecToken: string },
): Promise<Child | undefined> {
  const { settings, ports, report, signal, keeper } = context;
  const namespace = {
    namespace: settings.TEMPORAL_NAMESPACE,
    retentionDays: settings.TEMPORAL_RETENTION_DAYS,
  };
  const { temporalAddress } = given;
  if (temporalAddress) {
    await withProgress(report, `Looking at Temporal at ${temporalAddress}`, () =>
      prepareNamespaceAt(temporalAddress, namespace).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(
          `TEMPORAL_ADDRESS=${temporalAddress} gave no Temporal server (${reason}): correct it, or unset it for an embedded one.`,
        );
      }),
    );
    return undefined;
  }
  // By this process's own environment: that of the options is what the product is configured with.
  const program = await findTemporalProgram({ report, signal, keeper });
  return withProgress(report, 'Starting Temporal', () =>
    startTemporal({
      ...context,
      ...namespace,
      program,
      port: ports.temporal,
      uiPort: ports.ui,
      databaseFile: path.join(context.stateFolder, 'temporal', 'temporal.db'),
      codecEndpoint: `http://127.0.0.1:${ports.api}/codec/${given.codecToken}`,
      logFile: path.join(context.logs, 'temporal.log'),
    }),
  );
}
