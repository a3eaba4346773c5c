import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Demo } from '../seed';
import type { Stack } from './stack';

/** What scripts need to know of a running stack: `.durapay/stack.json`, there only while all of it is ready. */
export interface StackFile {
  /** Ends in /api/v1. */
  api: string;
  ui: string;
  sandboxes: Record<string, string>;
  demo: Demo;
  /** Of the process that runs the stack. */
  pid: number;
}

export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(environment.DURAPAY_STATE || path.join(__dirname, '..', '..', '.durapay'));
}

export const lockFileOf = (folder: string) => path.join(folder, 'stack.lock');
export const stackFileOf = (folder: string) => path.join(folder, 'stack.json');

export function writeStackFile(folder: string, stack: Pick<Stack, 'urls' | 'demo'>): void {
  const content: StackFile = { ...stack.urls, demo: stack.demo, pid: process.pid };
  const file = stackFileOf(folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeStackFile(folder: string): void {
  rmSync(stackFileOf(folder), { force: true });
}

/** Of the stack that runs now, or undefined: also when a killed one left its file behind. */
export function readStackFile(folder: string = stateFolder()): StackFile | undefined {
  try {
    const content = JSON.parse(readFileSync(stackFileOf(folder), 'utf8')) as StackFile;
    process.kill(content.pid, 0);
    return content;
  } catch {
    return undefined;
  }
}
