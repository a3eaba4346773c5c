import { parseArgs } from 'node:util';

export interface Command {
  /** The setting that says where the database is, and what it says. */
  setting: string;
  url: string;
  run(): Promise<void>;
}

/** What a person runs once, on one database, without arguments. What went wrong is told in one line, and ends with 1. */
export async function runCommand(prepare: () => Command): Promise<void> {
  try {
    parseArgs();
    const command = prepare();
    await command.run().catch((error: unknown) => {
      throw new Error(
        `${reasonOf(error)} (the database is the one of ${command.setting}, ${placeOf(command.url)})`,
      );
    });
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = 1;
  }
}

/** A name with several addresses fails with all of their reasons, and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

/** Without the password. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'which is no address';
}
