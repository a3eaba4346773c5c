import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { capitalised, type ChannelName } from './channel-name';

export interface WrittenFile {
  /** From the checkout's root. */
  path: string;
  content: string;
}

const folder = path.join(__dirname, 'template');

/**
 * The files of a channel called so. The template lies in `template/` as it will lie in the checkout, and is ordinary
 * code that is compiled and linted where it is: so its imports lead out of that folder, and are shortened here.
 */
export function renderTemplate(root: string, channel: ChannelName): WrittenFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => {
      const target = path.relative(folder, file);
      const text = readFileSync(file, 'utf8').replace(
        /(?<=^(?:import|export|\}) .*from ')\.[^']*(?=';$)/gm,
        (specifier) => moved(root, { file, target, specifier }),
      );
      return { path: renamed(target, channel), content: renamed(text, channel) };
    });
}

/** An import of what stays where it is, from where the file goes. */
function moved(root: string, { file, target, specifier }: Record<'file' | 'target' | 'specifier', string>) {
  const imported = path.resolve(path.dirname(file), specifier);
  if (imported.startsWith(folder + path.sep)) return specifier;
  const relative = path
    .relative(path.dirname(path.join(root, target)), imported)
    .split(path.sep)
    .join('/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

function renamed(text: string, { name, title }: ChannelName): string {
  return text
    .replaceAll('NewChannel', title)
    .replaceAll('Newchannel', capitalised(name))
    .replaceAll('NEWCHANNEL', name.toUpperCase())
    .replaceAll('newchannel', name);
}
