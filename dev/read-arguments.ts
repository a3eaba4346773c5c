import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What a command was called with is not what it takes: the message says what is wrong, and its usage. */
export class UsageError extends Error {
  constructor(problem: string, usage: string) {
    super(`${problem}\nUsage: ${usage}`);
  }
}

/** A command's options. What it does not know ends it: a misspelt --help must never do what the command does. */
export function readArguments<const Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), usage);
  }
}
