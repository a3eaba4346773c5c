import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import { logDestination } from './log-destination';

export type Log = Logger;

const standardOutput = 1;

/** Never in a log, wherever they stand: the list is tested with a real log line. */
const secretPaths = [
  'authorization',
  'cookie',
  'apiKey',
  'secret',
  'password',
  'token',
  'credentials',
  'customer',
  'signature',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  level: string;
  process: string;
  /** Standard output, if nothing else is said. */
  destination?: DestinationStream;
}

export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: { process: options.process, pid: process.pid },
    redact: { paths: secretPaths, censor: '[redacted]' },
    serializers: { err: errorWithoutData },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(settings, options.destination ?? logDestination(standardOutput, told));
  function told(lines: number): void {
    log.warn({ lines }, 'lines of this log could not be written and are lost');
  }
  return log;
}

/** Databases and clients hang rows and requests onto their errors; what is logged is what tells the place. */
function errorWithoutData(error: Error): Record<string, unknown> {
  const { type, message, stack, code, constraint, table, routine } = stdSerializers.err(error);
  return { type, message, stack, code, constraint, table, routine };
}
