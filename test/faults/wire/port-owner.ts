import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Which of these processes holds the local end of a connection. Undefined where the system does not tell. */
export function portOwner(localPort: number, pids: readonly number[]): number | undefined {
  const wanted = `:${localPort.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    const inodes = new Set(
      ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
        readFileSync(table, 'utf8')
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .filter((fields) => fields[1]?.endsWith(wanted))
          .map((fields) => `socket:[${fields[9]}]`),
      ),
    );
    return pids.find((pid) => holdsOneOf(pid, inodes));
  } catch {
    return undefined;
  }
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => {
    try {
      return inodes.has(readlinkSync(`${folder}/${name}`));
    } catch {
      return false; // closed meanwhile
    }
  });
}
