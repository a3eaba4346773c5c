import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../../../dev/stack/process-identity';
import { cacheFolder, findTemporalProgram } from '../../../dev/stack/temporal-program';

/** Stands in for a Temporal CLI: all that is asked of it here is that it runs. */
const CLI = '#!/bin/sh\necho "temporal version 1.5.1"\n';

describe('finding a Temporal server', () => {
  let folder: string;
  let bin: string;
  let cache: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'durapay-find-'));
    bin = path.join(folder, 'bin');
    cache = path.join(folder, 'cache');
    writeExecutable(path.join(bin, 'keep'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A machine without a way out: what the SDK asks to download is refused at once. */
  const machine = (searchPath = bin) => ({
    PATH: searchPath,
    DURAPAY_CACHE: cache,
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    https_proxy: 'http://127.0.0.1:9',
    NO_PROXY: '',
    no_proxy: '',
  });

  it('takes the one on PATH before all others', async () => {
    const cli = writeExecutable(path.join(bin, 'temporal'), CLI);
    writeExecutable(path.join(cache, 'temporal-cli-v1.5.1', 'temporal'), CLI);
    await expect(findTemporalProgram({ environment: machine() })).resolves.toBe(cli);
  });

  it('says where it is from the root on, for a server that is started in another folder', async () => {
    const cli = writeExecutable(path.join(bin, 'temporal'), CLI);
    const relative = path.relative(process.cwd(), bin);
    await expect(findTemporalProgram({ environment: machine(relative) })).resolves.toBe(cli);
  });

  it('takes the cached build, which needs nothing', async () => {
    const cli = writeExecutable(path.join(cache, 'temporal-cli-v1.5.1', 'temporal'), CLI);
    await expect(findTemporalProgram({ environment: machine() })).resolves.toBe(cli);
  });

  it('names each way it tried and why it failed when none is left', async () => {
    const lines: string[] = [];
    const failure = await findTemporalProgram({
      environment: machine(),
      report: (line) => void lines.push(line),
    }).catch((error: Error) => error.message);
    expect(lines).not.toContainEqual(expect.stringMatching(/^Building/));
    expect(failure).toMatch(/1\. TEMPORAL_ADDRESS: not set/);
    expect(failure).toMatch(/2\. "temporal" on PATH: not there/);
    expect(failure).toMatch(/3\. the cached build .*temporal-cli-v1\.5\.1.*: not there/);
    expect(failure).toMatch(/4\. the SDK's download: .*(refused|error|answer)/i);
    expect(failure).toMatch(/5\. go install .*@v1\.5\.1: Go is not on PATH/);
    expect(failure).toMatch(/install Go 1\.24 or later/);
  });

  it('says what Go said when building failed, and leaves no half-made program', async () => {
    writeExecutable(path.join(bin, 'go'), '#!/bin/sh\necho "go: no space left on device" >&2\nexit 1\n');
    const failure = await findTemporalProgram({ environment: machine() }).catch(
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/5\. go install .*: go: no space left on device/);
    expect(readdirSync(path.join(cache, 'temporal-cli-v1.5.1'))).toEqual([]);
  });

  it('builds once for two that ask at the same time, and says that it builds', async () => {
    const builds = path.join(folder, 'builds');
    writeExecutable(
      path.join(bin, 'go'),
      `#!/bin/sh
echo "$@" >> ${builds}
/bin/sleep 0.3
printf '${CLI.replaceAll('\n', '\\n')}' > "$GOBIN/temporal"
/bin/chmod +x "$GOBIN/temporal"
`,
    );
    const lines: string[] = [];
    const options = { environment: machine(), report: (line: string) => void lines.push(line) };
    const [one, other] = await Promise.all([findTemporalProgram(options), findTemporalProgram(options)]);
    expect(one).toBe(path.join(cache, 'temporal-cli-v1.5.1', 'temporal'));
    expect(other).toBe(one);
    expect(readFileSync(builds, 'utf8').trim().split('\n')).toEqual([
      'install github.com/temporalio/cli/cmd/temporal@v1.5.1',
    ]);
    expect(lines.filter((line) => line.startsWith('Building the Temporal server with Go'))).toHaveLength(1);
  });

  it('stops a build in the middle, with what the build had started and what it had put aside', async () => {
    const began = path.join(folder, 'began');
    writeExecutable(
      path.join(bin, 'go'),
      `#!/bin/sh
work="\${GOTMPDIR:-${folder}}/go-build1"
/bin/mkdir "$work"
/bin/sleep 60 &
echo "$! $work" > ${began}.new
/bin/mv ${began}.new ${began}
wait
`,
    );
    const stop = new AbortController();
    const found = findTemporalProgram({ environment: machine(), signal: stop.signal });
    const stopped = expect(found).rejects.toThrow('abort');
    while (!existsSync(began)) await sleep(20);
    stop.abort();
    await stopped;
    const [compiler, work = ''] = readFileSync(began, 'utf8').trim().split(' ');
    expect(identify(Number(compiler))).toBeUndefined();
    expect(existsSync(work)).toBe(false);
  });
});

test.each([{ DURAPAY_CACHE: 'cache' }, { DURAPAY_CACHE: '', XDG_CACHE_HOME: 'cache' }, { HOME: 'cache' }])(
  'the cache is where it is from the root on: %j',
  (environment) => {
    expect(cacheFolder(environment).startsWith(path.resolve('cache'))).toBe(true);
  },
);

function writeExecutable(file: string, content: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}
