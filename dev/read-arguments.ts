import { parseArgs, type ParseArgsConfig } from 'node:util';
import usages from './usages.json';

type Command = keyof typeof usages;

export const usageOf = (command: Command): string => `Usage: ${usages[command][0]}`;

/** What a command was called with is not what it takes: the message says what is wrong, and its usage. */
export class UsageError extends Error {
  constructor(problem: string, command: Command) {
    super(`${problem}\n${usageOf(command)}`);
  }
}

/** A command's options. What it does not know ends it: a misspelt --help must never do what the command does. */
export function readArguments<const Config extends ParseArgsConfig>(
  command: Command,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), command);
  }
}
