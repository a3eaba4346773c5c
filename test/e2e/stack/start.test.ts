import { existsSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unusedPorts } from '../../../dev/stack/stack-ports';
import { postgresHome } from '../../../dev/stack/postgres-home';
import type { StackFile } from '../../../dev/stack/stack-file';
import { processesOf, ready, reset, start, until, type Place, type StartedCommand } from './start-command';

/** Looks for left-over processes in /proc. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

interface PaymentAnswer {
  status: string;
  nextAction: { url: string } | null;
}

onLinux('npm start', () => {
  let place: Place;
  const commands: StartedCommand[] = [];

  const run = (at: Place = place, more?: NodeJS.ProcessEnv) => {
    const command = start(at, more);
    commands.push(command);
    return command;
  };
  const stackFile = () => path.join(place.folder, 'stack.json');

  beforeAll(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'durapay-start-'));
    place = { folder, ports: await unusedPorts() };
  });

  afterAll(async () => {
    for (const command of commands) command.process.kill('SIGTERM');
    await Promise.all(commands.map(({ ended }) => ended));
    await until('every process is gone', () => processesOf(place.folder).length === 0);
    const home = postgresHome(place.folder);
    if (home) rmSync(home, { recursive: true, force: true });
    rmSync(place.folder, { recursive: true, force: true });
  });

  async function call(stack: StackFile, route: string, init: RequestInit = {}): Promise<PaymentAnswer> {
    const headers = { Authorization: `Bearer ${stack.demo.apiKey}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${stack.api}${route}`, { ...init, headers });
    return (await answer.json()) as PaymentAnswer;
  }

  it('stops in order when Ctrl-C comes in the middle of the start', async () => {
    const command = run();
    await until('PostgreSQL runs', () => existsSync(path.join(place.folder, 'run', 'postgres.json')));
    command.process.kill('SIGINT');
    await command.ended;
    expect(command.output()).toMatch(/Stopping …\n(.*\n)*Stopped\.\s*$/);
    expect(existsSync(stackFile())).toBe(false);
    await until('every process is gone', () => processesOf(place.folder).length === 0);
  });

  it('names a bad setting, and starts nothing', async () => {
    const command = run(place, { LOG_LEVEL: 'loud', PAYMENT_EXPIRY_MS: 'soon' });
    await expect(command.ended).resolves.toBe(1);
    expect(command.output()).toMatch(/Bad settings:\n.*LOG_LEVEL: .*\n.*PAYMENT_EXPIRY_MS: /);
    expect(processesOf(place.folder)).toEqual([]);
  });

  it('says that there is no Temporal where TEMPORAL_ADDRESS points, and stops what it had started', async () => {
    const command = run(place, { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    await expect(command.ended).resolves.toBe(1);
    expect(command.output()).toMatch(
      /^TEMPORAL_ADDRESS=127\.0\.0\.1:9 gave no Temporal server .*unset it for an embedded one\.$/m,
    );
    await until('every process is gone', () => processesOf(place.folder).length === 0);
  });

  it('brings up a platform that takes a payment, survives being killed, and keeps its data', async () => {
    const first = run();
    const stack = await ready(first, place);
    expect(stack).toMatchObject({
      api: `http://127.0.0.1:${place.ports.api}/api/v1`,
      ui: `http://127.0.0.1:${place.ports.ui}`,
      sandboxes: {
        kpay: `http://127.0.0.1:${place.ports.kpay}`,
        tpay: `http://127.0.0.1:${place.ports.tpay}`,
        stripe: `http://127.0.0.1:${place.ports.stripe}`,
        ecpay: `http://127.0.0.1:${place.ports.ecpay}`,
        postbox: `http://127.0.0.1:${place.ports.postbox}`,
        rates: `http://127.0.0.1:${place.ports.rates}`,
      },
      demo: {
        apiKey: expect.stringMatching(/^dp_test_/) as string,
        operatorKey: expect.stringMatching(/^dp_admin_/) as string,
      },
    });

    // The line that the newcomer pastes is the line that works.
    await until('the welcome', () => first.output().includes('Ctrl-C stops everything'));
    const pasted = /curl -sS (\S+)\/payments -H 'Authorization: Bearer (\S+)' \\\n.* -d '(.+)'/.exec(
      first.output(),
    );
    expect(pasted?.slice(1, 3)).toEqual([stack.api, stack.demo.apiKey]);
    const { orderId } = JSON.parse(pasted?.[3] ?? '{}') as { orderId: string };
    const payment = await call(stack, '/payments', { method: 'POST', body: pasted?.[3] });
    expect(payment.status).toBe('requires_action');
    const paid = await fetch(`${payment.nextAction?.url}/pay`, { method: 'POST' });
    expect(paid.status).toBeLessThan(400);
    await until(
      'the payment succeeded',
      async () => (await call(stack, `/payments/${orderId}`)).status === 'succeeded',
    );

    const again = run();
    await expect(again.ended).resolves.toBe(1);
    expect(again.output()).toContain(
      `A Durapay stack of this folder is running already (pid ${first.process.pid})`,
    );
    expect(reset(place)).toMatchObject({
      code: 1,
      output: expect.stringContaining('stop it first') as string,
    });
    const beside = run({ ...place, folder: path.join(place.folder, 'beside') });
    await expect(beside.ended).resolves.toBe(1);
    expect(beside.output()).toMatch(
      new RegExp(
        `^Another Durapay stack runs \\(pid ${first.process.pid}, in \\S+\\) and has ports (\\d+, )*${place.ports.api}\\b`,
        'm',
      ),
    );

    // A process that dies by itself is started again.
    const note = path.join(place.folder, 'run', 'api.json');
    const { pid: api } = JSON.parse(readFileSync(note, 'utf8')) as { pid: number };
    process.kill(api, 'SIGKILL');
    await until('the API serves again', () =>
      call(stack, `/payments/${orderId}`).then(
        ({ status }) => status === 'succeeded',
        () => false,
      ),
    );
    expect(first.output()).toMatch(/api ended \(signal SIGKILL\); it is started again/);

    // Killed with its keeper, nobody is left to clean up: the next start does.
    const keeper = processesOf(place.folder).find(({ command }) => command.includes('keeper-process'));
    process.kill(keeper?.pid ?? 0, 'SIGKILL');
    first.process.kill('SIGKILL');
    await first.ended;
    expect(processesOf(place.folder).length).toBeGreaterThan(3);
    const began = Date.now();
    const second = run();
    const stackAgain = await ready(second, place);
    expect(second.output()).toContain('Ended what an earlier start had left: ');
    expect(stackAgain.demo).toEqual(stack.demo);
    expect((await call(stackAgain, `/payments/${orderId}`)).status).toBe('succeeded');
    expect(Date.now() - began).toBeLessThan(30_000); // alone it takes about five seconds; here others run beside it

    second.process.kill('SIGINT');
    await expect(second.ended).resolves.toBe(0);
    expect(existsSync(stackFile())).toBe(false);
    await until('every process is gone', () => processesOf(place.folder).length === 0);

    expect(reset(place).code).toBe(0);
    expect(existsSync(path.join(place.folder, 'postgres'))).toBe(false);
    expect(existsSync(path.join(place.folder, 'secrets.json'))).toBe(false);
  }, 240_000);
});
