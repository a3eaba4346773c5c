import { pino, type Logger } from 'pino';

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

export function createLog(options: { level: string; process: string; pretty?: boolean }): Log {
  return pino({
    level: options.level,
    base: { process: options.process, pid: process.pid },
    redact: { paths: secretPaths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
