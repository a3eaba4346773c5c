import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { postgresHome } from '../../dev/stack/postgres-home';
import { unusedPorts } from '../../dev/stack/stack-ports';
import { environmentOf, processesOf, ready, start, until, type Place } from './stack/start-command';

/** Looks for left-over processes in /proc. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

interface UiPayload {
  metadata: Record<string, string>;
  data: string;
}
interface UiHistory {
  history: {
    events: { workflowExecutionStartedEventAttributes?: { input: { payloads: UiPayload[] } } }[];
  };
}

onLinux('npm start and npm run demo', () => {
  let place: Place;
  beforeAll(async () => {
    place = { folder: mkdtempSync(path.join(tmpdir(), 'durapay-two-')), ports: await unusedPorts() };
  });
  afterAll(() => {
    const home = postgresHome(place.folder);
    if (home) rmSync(home, { recursive: true, force: true });
    rmSync(place.folder, { recursive: true, force: true });
  });

  it('says in one line that no stack runs', async () => {
    const { code, output } = await demo(place).ended;
    expect(code).toBe(1);
    expect(output.trim()).toBe(
      `No stack runs in ${place.folder}: start one with npm start, and wait until it is ready.`,
    );
  });

  it('plays the payment from its start to its callback, and leaves nothing behind, not even when it is stopped', async () => {
    const command = start(place);
    try {
      const stack = await ready(command, place);
      const { code, output } = await demo(place).ended;
      expect(output).toMatch(/gets the signed callback: payment\.succeeded/);
      expect(output).toMatch(/All \d+ steps happened/);
      expect(code).toBe(0);

      const link = /\S+\/namespaces\/durapay\/workflows\/(\S+)/.exec(output);
      expect(link?.[0]).toMatch(stack.ui);
      expect(await decodedInput(stack.ui, stack.api, link?.[1] ?? '')).toMatchObject({
        request: { amountMinor: '420', currency: 'TWD' },
      });
      await stoppedInTheMiddle(`${stack.sandboxes['kpay']}/sandbox/faults`);
    } finally {
      command.process.kill('SIGINT');
    }
    await command.ended;
    await until('every process is gone', () => processesOf(place.folder).length === 0);
  });

  /** With KPay's bad days under way: they end, and somebody else's are told and left alone. */
  async function stoppedInTheMiddle(faults: string): Promise<void> {
    const kinds = async () => {
      const listed = (await (await fetch(faults)).json()) as { faults: { kind: string }[] };
      return listed.faults.map(({ kind }) => kind);
    };
    const foreign = { kind: 'refund_pending', count: 1 };
    expect((await fetch(faults, { method: 'POST', body: JSON.stringify(foreign) })).status).toBe(201);
    const failover = demo(place, '--story', 'failover');
    await until('KPay has bad days', async () => (await kinds()).includes('timeout_after'));
    // As npm does it, which passes on what the terminal has sent already.
    failover.process.kill('SIGINT');
    failover.process.kill('SIGINT');
    const { code, output } = await failover.ended;
    expect(output).toMatch(/^kpay has faults set that this story did not order \(refund_pending\)/m);
    expect(output).toMatch(/Stopping; what the story changed is put back/);
    expect(output).not.toMatch(/did not work/);
    expect(code).toBe(130);
    expect(await kinds()).toEqual(['refund_pending']);
  }

  /** What Temporal UI does in the operator's browser: reads the history, and has its payloads decoded. */
  async function decodedInput(ui: string, api: string, workflow: string): Promise<unknown> {
    const read = await fetch(`${ui}/api/v1/namespaces/durapay/workflows/${workflow}/history`);
    const { history } = (await read.json()) as UiHistory;
    const payloads = history.events[0]?.workflowExecutionStartedEventAttributes?.input.payloads ?? [];
    expect(Buffer.from(payloads[0]?.metadata.encoding ?? '', 'base64').toString()).toBe('binary/encrypted');

    const secrets = path.join(place.folder, 'secrets.json');
    const { codecToken } = JSON.parse(readFileSync(secrets, 'utf8')) as { codecToken: string };
    const endpoint = new URL(`/codec/${codecToken}/decode`, api).href;
    const asked = await fetch(endpoint, {
      method: 'OPTIONS',
      headers: {
        origin: ui,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(ui);
    expect(asked.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-namespace');

    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { origin: ui, 'content-type': 'application/json', 'x-namespace': 'durapay' },
      body: JSON.stringify({ payloads }),
    });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ui);
    const decoded = (await answer.json()) as { payloads: UiPayload[] };
    return JSON.parse(Buffer.from(decoded.payloads[0]?.data ?? '', 'base64').toString());
  }
});

function demo(place: Place, ...more: string[]) {
  const child = spawn(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), 'dev/demo/index.ts', ...more],
    {
      cwd: path.join(__dirname, '..', '..'),
      env: environmentOf(place),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const hear = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { process: child, ended };
}
