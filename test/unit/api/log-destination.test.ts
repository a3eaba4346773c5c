import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../telemetry/log';
import { logDestination } from '../../../telemetry/log-destination';

const folder = mkdtempSync(path.join(os.tmpdir(), 'durapay-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A reader that hangs: its pipe takes some sixteen pages, and then nothing until they are read. */
function hangingReader() {
  const fifo = path.join(folder, randomUUID());
  execFileSync('mkfifo', [fifo]);
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    fd,
    /** All that can be read now. */
    read(): string {
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = Buffer.alloc(65_536);
        try {
          chunks.push(chunk.subarray(0, readSync(fd, chunk)));
        } catch {
          return Buffer.concat(chunks).toString();
        }
      }
    },
    close: () => closeSync(fd),
  };
}

it('lines wait for a reader that hangs, go in their order, and are told when too many are lost', () => {
  const reader = hangingReader();
  const lost: number[] = [];
  const destination = logDestination(reader.fd, (lines) => lost.push(lines));
  const line = (n: number) => `${String(n).padStart(6, '0')} ${'.'.repeat(992)}\n`;

  for (let n = 0; n < 3_000; n += 1) destination.write(line(n));
  expect(lost).toEqual([]);

  let read = reader.read();
  for (let n = 3_000; n < 3_030; n += 1) {
    destination.write(line(n));
    read += reader.read();
  }
  reader.close();

  const numbers = read
    .split('\n')
    .slice(0, -1)
    .map((text) => Number(text.slice(0, 6)));
  const waited = numbers.indexOf(3_000);
  expect(waited).toBeGreaterThan(1_000);
  expect(numbers.slice(0, waited)).toEqual(Array.from({ length: waited }, (_, n) => n));
  expect(numbers.slice(waited)).toEqual(Array.from({ length: 30 }, (_, n) => 3_000 + n));
  expect(lost).toEqual([3_000 - waited]);
});

it('what waits goes without another line, too', async () => {
  const reader = hangingReader();
  const destination = logDestination(reader.fd, () => undefined);
  const lines = Array.from({ length: 200 }, (_, n) => `${n} ${'.'.repeat(1_000)}\n`);
  for (const line of lines) destination.write(line);
  let read = '';
  while (read.length < lines.join('').length) {
    read += reader.read();
    await sleep(10);
  }
  reader.close();
  expect(read).toBe(lines.join(''));
});

const fullDisk = '/dev/full';
(existsSync(fullDisk) ? it : it.skip)('a full disk neither throws nor holds anything up', () => {
  const fd = openSync(fullDisk, 'w');
  const log = createLog({
    level: 'info',
    process: 'test',
    destination: logDestination(fd, () => undefined),
  });
  for (let n = 0; n < 3_000; n += 1) log.info({ text: '.'.repeat(1_000) }, 'a line');
  log.fatal('the last line');
  // It stays open: what waits is tried again, and another file might get its number.
});
