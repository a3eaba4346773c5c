import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where a program is, or why it is not to be had in this way. */
export type Found = { program: string } | { failed: string };

export function onPath(name: string, environment: NodeJS.ProcessEnv): Found {
  const folders = (environment.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const program = folders.map((folder) => path.resolve(folder, name)).find(isExecutable);
  return program ? { program } : { failed: 'not there' };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
