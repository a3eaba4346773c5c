import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { failureConverterPath } from '../../../workers/temporal';
import { readHistory, recordedNames, writeHistory } from '../../replay/history-files';
import { installReplayRuntime, replay } from '../../replay/replay';

const root = path.join(__dirname, '..', '..', '..');
const opening = '  const opened = await promptly(';

/** Today's workflows in a folder of their own, where they can be broken. */
function scratchCopy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-replay-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  for (const room of ['workflows', 'domain', 'activities'])
    cpSync(path.join(root, room), path.join(folder, room), { recursive: true });
  return folder;
}

async function bundled(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(folder, 'workflows', 'index.ts'),
    failureConverterPath,
    logger: new DefaultLogger('ERROR'),
  });
  const file = path.join(folder, 'bundle.js');
  writeFileSync(file, code);
  return file;
}

describe('replay of recorded histories', () => {
  const folders: string[] = [];
  beforeAll(installReplayRuntime);
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it('passes on a copy of the workflows, and names history and event once a step of it is reordered', async () => {
    const folder = scratchCopy();
    folders.push(folder);
    const histories = [await readHistory('payment/success'), await readHistory('sweep/webhooks')];
    expect(await replay(await bundled(folder), histories)).toEqual([
      { name: 'payment/success', problem: undefined },
      { name: 'sweep/webhooks', problem: undefined },
    ]);

    const story = path.join(folder, 'workflows', 'payment.ts');
    const text = readFileSync(story, 'utf8');
    expect(text.split(opening)).toHaveLength(2);
    // Waits for news first, and opens the payment afterwards.
    writeFileSync(story, text.replace(opening, `  await condition(() => desk.mail.length > 0);\n${opening}`));
    const [payment, sweep] = await replay(await bundled(folder), histories);
    expect(payment?.problem?.message).toMatch(/nondeterminism/i);
    expect(payment?.problem?.eventId).toBe(5);
    expect(sweep?.problem).toBeUndefined();
  });

  it('never writes over a recorded history', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'durapay-histories-'));
    folders.push(folder);
    await writeHistory('payment/one', '{"events": []}\n', folder);
    await expect(writeHistory('payment/one', '{}', folder)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await recordedNames(folder)).toEqual(['payment/one']);
    expect((await readHistory('payment/one', folder)).history.events).toEqual([]);
  });
});
