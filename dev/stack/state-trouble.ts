import { isNativeError } from 'node:util/types';

const unwritable = ['EROFS', 'EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'ENOENT'];

/** What a person can do when the state folder is of no use; any other error speaks for itself. */
export function inWords(error: unknown, folder: string): string {
  if (!isNativeError(error)) return String(error);
  const { code, path = '', message } = error as NodeJS.ErrnoException;
  const elsewhere = 'or name another folder with DURAPAY_STATE.';
  if (code === 'ENOSPC' || message.includes('No space left on device')) {
    return `The disk of ${folder} is full (${message.trim()}): make room there, ${elsewhere}`;
  }
  if (code !== undefined && unwritable.includes(code) && isOnTheWay(path, folder)) {
    return `The state folder ${folder} can not be written (${message}): let this user write there, ${elsewhere}`;
  }
  // One that runs and is not reached in time says nothing against its data.
  if (/^(postgres|temporal) ended while starting/.test(message)) {
    const anew = 'or begin anew with "npm run reset", which deletes all of it.';
    return `${message.trimEnd()}\nIf the data in ${folder} is damaged, put a copy of it back, ${anew}`;
  }
  return message;
}

/** In the folder, or above it: there it was to be made. */
function isOnTheWay(path: string, folder: string): boolean {
  return path.startsWith(folder) || (path !== '' && folder.startsWith(`${path}/`));
}
