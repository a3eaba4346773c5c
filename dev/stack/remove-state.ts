import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bookFile, sandboxedChannels } from '../sandboxes/channels';
import { endOrphans } from './orphans';
import { removeHomeElsewhere } from './postgres-home';

/** All that a stack makes in its state folder. */
const STATE = [
  ...sandboxedChannels.map(bookFile),
  'logs',
  'postbox-book.jsonl',
  'postgres',
  'postgres-home',
  'postgres-passwords.json',
  'run',
  'secrets.json',
  'stack.json',
  'stack.lock',
  'temporal',
];

/**
 * Removes the state of a stack that does not run, and nothing else: the folder may hold other things as well. Returns
 * where PostgreSQL's data were left, if those that the folder names are not known to be its own.
 */
export async function removeState(folder: string): Promise<string | undefined> {
  if (!existsSync(folder)) return undefined;
  await endOrphans(path.join(folder, 'run'));
  const left = removeHomeElsewhere(folder);
  for (const name of STATE) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return left;
}
