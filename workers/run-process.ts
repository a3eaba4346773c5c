import { createLog, type Log } from '../telemetry/log';
import { SettingsError } from '../config/settings';

export interface RunningProcess {
  log: Log;
  /** Rejects if what the process lives for breaks; a process without it must not pretend to be well. */
  failed: Promise<void>;
  stop(): Promise<void>;
}

/** Why a process can't start, in words that need no stack: what is wrong, and what to do. */
export class StartRefused extends Error {}

const stopSignals = ['SIGTERM', 'SIGINT'] as const;
const startFailed = 1;
const stoppedByForce = 2;

/** Starts a process, stops it on SIGTERM or SIGINT, and ends it with a code that tells a supervisor what happened. */
export async function runProcess(name: string, start: () => Promise<RunningProcess>): Promise<void> {
  const startLog = createLog({ level: 'info', process: name });
  // It has told nobody that it is ready; what its workers may have begun goes on elsewhere.
  const stopStarting = (reason: NodeJS.Signals): void => {
    startLog.info({ reason }, 'stopped');
    process.exit(0);
  };
  for (const signal of stopSignals) process.on(signal, stopStarting);
  let running: RunningProcess;
  try {
    running = await start();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof StartRefused) startLog.fatal(error.message);
    else startLog.fatal({ err: error }, `${name} could not start`);
    process.exit(startFailed);
  }
  const { log, failed, stop } = running;

  let isStopping = false;
  const stopOnce = async (reason: string, code: number): Promise<void> => {
    if (isStopping) process.exit(stoppedByForce);
    isStopping = true;
    log.info({ reason }, 'stopping');
    try {
      await stop();
      log.info('stopped');
      process.exit(code);
    } catch (error) {
      log.error({ err: error }, 'did not stop cleanly');
      process.exit(stoppedByForce);
    }
  };
  for (const signal of stopSignals) {
    process.off(signal, stopStarting);
    process.on(signal, () => void stopOnce(signal, 0));
  }
  failed.catch((error: unknown) => {
    log.fatal({ err: error }, `${name} broke`);
    process.exit(startFailed);
  });
}
