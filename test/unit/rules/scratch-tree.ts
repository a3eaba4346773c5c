import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.join(__dirname, '..', '..', '..');

export interface ScratchTree {
  folder: string;
  remove(): void;
}

/** A tiny project outside the checkout, where rules can be broken without breaking the lint run itself. */
export function scratchTree(files: Record<string, string>): ScratchTree {
  const folder = mkdtempSync(path.join(tmpdir(), 'durapay-rules-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), `${content}\n`);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Linters report by their exit code and on standard output: both tell the same, so the output is enough. */
export function runNode(script: string, args: string[], folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, timeout: 60_000, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(process.execPath, [path.join(root, script), ...args], options, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`${script} printed nothing: ${stderr || error?.message}`));
      else resolve(stdout);
    });
  });
}
