import { readFileSync } from 'node:fs';
import path from 'node:path';
import { capitalised, type ChannelName } from './channel-name';
import type { WrittenFile } from './render-template';

interface Insertion {
  /** Matches nothing but the place: what stands there is moved to behind it. */
  at: RegExp;
  text: string;
}

/** The files that know every channel, with this one in them too. */
export function enterChannel(root: string, { name }: ChannelName): WrittenFile[] {
  const pascal = capitalised(name);
  const files: Record<string, Insertion[]> = {
    'integrations/registry.ts': [
      {
        at: /^(?=import .* from '\.\/channels\/payment-provider';$)/m,
        text:
          `import { create${pascal} } from './channels/${name}';\n` +
          `import { ${name}Webhook } from './channels/${name}/webhook';\n`,
      },
      { at: /(?<=\bproviders = byName\(\[[^\]]*)(?=,?\s*\]\))/, text: `, create${pascal}(deps)` },
      { at: /(?<=\bwebhooks = byName\(\[[^\]]*)(?=,?\s*\]\))/, text: `, ${name}Webhook` },
    ],
    'test/integration/channels/webhook-door.test.ts': [
      {
        at: /(?<=^import .* from '\.\/[a-z0-9]+-harness';\n)(?!import .*-harness';$)/m,
        text: `import { start${pascal}Harness } from './${name}-harness';\n`,
      },
      {
        at: /(?<=^const channels: [^;]*)(?=^\];$)/m,
        text: `  ['${name}', () => start${pascal}Harness()],\n`,
      },
    ],
  };
  return Object.entries(files).map(([file, insertions]) => ({
    path: file,
    content: insertions.reduce(
      (text, insertion) => inserted(file, text, insertion),
      readFileSync(path.join(root, file), 'utf8'),
    ),
  }));
}

function inserted(file: string, text: string, { at, text: added }: Insertion): string {
  const place = text.search(at);
  if (place < 0) {
    throw new Error(`${file} has changed: dev/new-channel/enter-channel.ts finds no place for "${added}".`);
  }
  return text.slice(0, place) + added + text.slice(place);
}
