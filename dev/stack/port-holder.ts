import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { commandLineOf, parentOf } from './process-identity';

const LISTENING = '0A';

export interface PortHolder {
  /** "node (pid 12)". */
  name: string;
  /** "pid 11, in /home/me/durapay": the `npm start` that it is a part of, if it is of one. */
  stack?: { pid: number; name: string };
}

/** Who listens on the port. Undefined where the system does not tell. */
export function portHolder(port: number): PortHolder | undefined {
  if (process.platform !== 'linux') return undefined;
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)),
  );
  if (inodes.size === 0) return undefined;
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((name) => holdsOneOf(name, inodes));
  if (pid === undefined) return undefined;
  const command = commandLineOf(Number(pid))?.split(' ')[0]?.split('/').at(-1);
  return { name: `${command ?? 'a process'} (pid ${pid})`, stack: stackOf(Number(pid)) };
}

/** The stack's processes are children of the command that started it. */
export function stackOf(pid: number): PortHolder['stack'] {
  const parent = parentOf(pid);
  if (parent === undefined || !/\bdev\/start\/index\.ts\b/.test(commandLineOf(parent) ?? ''))
    return undefined;
  return { pid: parent, name: `pid ${parent}, in ${folderOf(parent)}` };
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return 'a folder of somebody else';
  }
}

function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) && fields[3] === LISTENING)
    .map((fields) => fields[9] ?? '');
}

function holdsOneOf(pid: string, inodes: Set<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false; // gone meanwhile, or somebody else's
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
