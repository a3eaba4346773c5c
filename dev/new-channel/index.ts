import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { BadName, readChannelName, type ChannelName } from './channel-name';
import { readArguments, usageOf } from '../read-arguments';
import { enterChannel } from './enter-channel';
import { renderTemplate, type WrittenFile } from './render-template';

const root = path.join(__dirname, '..', '..');

/** `npm run new-channel`: an adapter that compiles and claims nothing, its sandbox, and the tests that it fails. */
async function main(): Promise<void> {
  const { positionals } = readArguments('new-channel', { allowPositionals: true });
  const [name, title] = positionals;
  if (name === undefined || positionals.length > 2) throw new BadName('One channel at a time, by its name.');
  const channel = readChannelName(name, title);
  refuseTaken(channel);
  const files = await Promise.all(renderTemplate(root, channel).map(formatted));
  const entered = await Promise.all(enterChannel(root, channel).map(formatted));
  for (const file of files) {
    const target = path.join(root, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, file.content, { flag: 'wx' });
  }
  for (const file of entered) writeFileSync(path.join(root, file.path), file.content);
  console.log(report(channel, files, entered));
}

/** Before anything is written: nothing of this name may be there. */
function refuseTaken({ name }: ChannelName): void {
  const places = [
    `docs/channels/${name}.md`,
    `integrations/channels/${name}`,
    `dev/sandboxes/${name}`,
    `test/integration/channels/${name}.test.ts`,
    `test/integration/channels/${name}-harness.ts`,
    `test/unit/integrations/${name}`,
  ];
  const taken = places.filter((place) => existsSync(path.join(root, place)));
  if (taken.length > 0) throw new BadName(`"${name}" is taken: there is ${taken.join(', ')} already.`);
}

async function formatted({ path: file, content }: WrittenFile): Promise<WrittenFile> {
  const filepath = path.join(root, file);
  return { path: file, content: await format(content, { ...(await resolveConfig(filepath)), filepath }) };
}

function report({ name, title }: ChannelName, files: WrittenFile[], entered: WrittenFile[]): string {
  const lines = (list: WrittenFile[]) => list.map((file) => `  ${file.path}`).join('\n');
  return `Written for ${title}:
${lines(files)}
Entered in:
${lines(entered)}

It compiles and it fails: what is not written yet answers "unknown" and says so, no webhook is taken, and without
currencies nobody can configure it. docs/channels/README.md tells the way in full. In this order:

  1. docs/channels/${name}.md                           the contract, its three questions first
  2. dev/sandboxes/${name}/words.ts                     the provider's words on the wire
  3. integrations/channels/${name}/                     what is marked "To write" and "To change" in each file
  4. test/integration/channels/${name}-harness.ts       how a webhook is signed, by hand
  5. test/unit/integrations/${name}/                    its words in the tables

What is still to be written:
  npx jest test/integration/channels/${name} test/unit/integrations/${name}
  git grep --untracked -nE 'unwritten|To (write|change)' -- '*${name}*'
At the end delete both files unwritten.ts, then: npm run lint && npm test`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof BadName) console.error(usageOf('new-channel'));
  process.exitCode = 1;
});
