import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../../../dev/stack/process-identity';
import { findK6 } from '../../load/k6-program';

describe('finding k6', () => {
  let folder: string;
  let bin: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-k6-'));
    bin = path.join(folder, 'bin');
    mkdirSync(bin);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const machine = () => ({ PATH: bin, DURAPAY_CACHE: path.join(folder, 'cache') });
  const never = new AbortController().signal;

  function writeGo(script: string): void {
    writeFileSync(path.join(bin, 'go'), `#!/bin/sh\n${script}`);
    chmodSync(path.join(bin, 'go'), 0o755);
  }

  it('builds it once, and says so', async () => {
    writeGo(`printf '#!/bin/sh\\n' > "$GOBIN/k6"; /bin/chmod +x "$GOBIN/k6"\n`);
    const lines: string[] = [];
    const find = () => findK6((line) => void lines.push(line), never, machine());
    const built = await find();
    expect(await find()).toBe(built);
    expect(built.startsWith(path.join(folder, 'cache'))).toBe(true);
    expect(lines.filter((line) => line.startsWith('Building k6'))).toHaveLength(1);
  });

  it('says both ways to have it when it can not be built', async () => {
    writeGo('echo "go: no space left on device" >&2; exit 1\n');
    await expect(findK6(() => undefined, never, machine())).rejects.toThrow(
      'k6 is not here (go: no space left on device): put it on PATH, or install Go 1.24 or later and run this again.',
    );
  });

  it('stops a build in the middle, with what the build had started, and does not call that missing', async () => {
    const began = path.join(folder, 'began');
    writeGo(`/bin/sleep 60 &\necho $! > ${began}.new\n/bin/mv ${began}.new ${began}\nwait\n`);
    const stop = new AbortController();
    const stopped = expect(findK6(() => undefined, stop.signal, machine())).rejects.toThrow('Stopped.');
    while (!existsSync(began)) await sleep(20);
    stop.abort(new Error('Stopped.'));
    await stopped;
    expect(identify(Number(readFileSync(began, 'utf8')))).toBeUndefined();
  });
});
