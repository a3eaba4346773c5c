/**
 * Outlives whoever started it, for a moment: when that process is gone, however it went (SIGKILL included),
 * the children it left are stopped and its throw-away folders removed. Talks over the IPC channel:
 * {watch: {pid, startedAt, signal}}, {forget: pid}, {unlink: file}, {remove: folder}.
 *
 * Plain JavaScript, so that it starts in the time node needs and holds little memory.
 */
const { readFileSync, rmSync } = require('node:fs');
const { execFileSync } = require('node:child_process');

const GRACE_MS = 5_000;
const watched = new Map();
const files = new Set();
const folders = new Set();

process.on('message', (message) => {
  if (message.watch) watched.set(message.watch.pid, message.watch);
  if (message.forget) watched.delete(message.forget);
  if (message.unlink) files.add(message.unlink);
  if (message.remove) folders.add(message.remove);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.on('disconnect', () => void cleanUp());

async function cleanUp() {
  // First, for whoever starts another in the meantime writes one of its own.
  for (const file of files) rmSync(file, { force: true });
  // In the order in which they were started, the last first: the database goes after those who use it.
  for (const child of [...watched.values()].reverse()) await stop(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

async function stop(child) {
  if (!isRunning(child)) return;
  signal(child.pid, child.signal);
  const deadline = Date.now() + GRACE_MS;
  while (isRunning(child) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  if (isRunning(child)) signal(-child.pid, 'SIGKILL');
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It went by itself.
  }
}

function isRunning({ pid, startedAt }) {
  try {
    if (process.platform !== 'linux')
      return (
        execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() === startedAt
      );
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[19] === startedAt;
  } catch {
    return false;
  }
}
