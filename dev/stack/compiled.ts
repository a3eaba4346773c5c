import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transformFile } from '@swc/core';
import { filesUnder, sourcesDigest } from '../../workers/sources';

const root = path.join(__dirname, '..', '..');
/** Inside of node_modules: compiled code finds the packages where the sources do. */
const cache = path.join(root, 'node_modules', '.cache', 'durapay');
const buildsKept = 10;

/** All that the stack's processes run. */
const productSources = [
  'activities',
  'api',
  'config',
  'db',
  'dev/sandboxes',
  'domain',
  'integrations',
  'migrations',
  'security',
  'telemetry',
  'workers',
  'workflows',
];

/**
 * The folder with the sources as JavaScript, compiled only if they have changed since. A process starts in half the
 * time from there, and the API spends a twentieth less on a payment: what translates sources while they are loaded
 * gives every function its name anew each time one is made. Safe to call from several processes.
 */
export async function compiledSources(also: readonly string[] = []): Promise<string> {
  const places = [...productSources, ...also, 'package.json', 'package-lock.json', 'dev/stack/compiled.ts'];
  const folder = path.join(cache, `build-${await sourcesDigest(root, places)}`);
  if (await touched(folder)) return folder;

  const draft = `${folder}.${randomUUID()}`;
  const sources = await Promise.all(
    [...productSources, ...also].map((place) => filesUnder(path.join(root, place))),
  );
  await Promise.all(
    sources
      .flat()
      .filter((file) => file.endsWith('.ts'))
      .map((file) => compile(file, path.join(draft, path.relative(root, file).replace(/ts$/, 'js')))),
  );
  await copyFile(path.join(root, 'package.json'), path.join(draft, 'package.json'));
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    // Somebody else was quicker with the same; anything else is an error.
    if (!(await touched(folder))) throw error;
  });
  await forgetOld();
  return folder;
}

async function compile(source: string, file: string): Promise<void> {
  const { code, map = '' } = await transformFile(source, {
    swcrc: false,
    configFile: false,
    sourceMaps: true,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.map`, map);
  await writeFile(file, `${code}//# sourceMappingURL=${path.basename(file)}.map\n`);
}

/** Whether it is there; what is in use stays young. */
async function touched(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

async function forgetOld(): Promise<void> {
  const names = (await readdir(cache)).filter((name) => name.startsWith('build-'));
  const builds = await Promise.all(
    names.map(async (name) => {
      const folder = path.join(cache, name);
      const usedAt = await stat(folder).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { folder, usedAt };
    }),
  );
  const old = builds.sort((one, other) => other.usedAt - one.usedAt).slice(buildsKept);
  await Promise.all(old.map(({ folder }) => rm(folder, { recursive: true, force: true })));
}
