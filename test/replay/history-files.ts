import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporal } from '@temporalio/proto';
import { fromReadable, type Json } from './readable';

const { History } = temporal.api.history.v1;

const historiesFolder = path.join(__dirname, 'histories');

export interface RecordedHistory {
  /** `<workflow>/<case>`: where the file lies, without `.json`. */
  name: string;
  history: temporal.api.history.v1.IHistory;
}

export async function recordedNames(folder = historiesFolder): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith('.json'))
    .map((entry) => entry.slice(0, -'.json'.length).split(path.sep).join('/'))
    .sort();
}

export async function readHistory(name: string, folder = historiesFolder): Promise<RecordedHistory> {
  const text = await readFile(fileOf(name, folder), 'utf8');
  return {
    name,
    history: History.fromObject(fromReadable(JSON.parse(text) as Json) as Record<string, unknown>),
  };
}

/** Never over one that is there: a recorded history says what has happened, and that does not change. */
export async function writeHistory(name: string, content: string, folder = historiesFolder): Promise<void> {
  await mkdir(path.dirname(fileOf(name, folder)), { recursive: true });
  await writeFile(fileOf(name, folder), content, { flag: 'wx' });
}

const fileOf = (name: string, folder: string) => path.join(folder, `${name}.json`);
