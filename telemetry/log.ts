import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

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
  pretty?: boolean;
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
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** Databases and clients hang rows and requests onto their errors; what is logged is what tells the place. */
function errorWithoutData(error: Error): Record<string, unknown> {
  const { type, message, stack, code, constraint, table, routine } = stdSerializers.err(error);
  return { type, message, stack, code, constraint, table, routine };
}
