import { createReadStream, existsSync } from 'node:fs';
import type { Finding } from '../finding';

export interface Secret {
  name: string;
  text: string;
}

export interface Places {
  /** Files that may hold no secret: logs, and the database in which Temporal keeps its histories. */
  files: string[];
  secrets: Secret[];
  /** Stands in clear in one of the files, beyond doubt: a search that does not find it finds nothing. */
  known: { file: string; text: string };
  /** Of what was answered and called back. */
  problems: string[];
}

/** Looks for every secret in every file, as bytes. */
export async function nothingTold({ files, secrets, known, problems }: Places): Promise<Finding> {
  const offenders = problems.filter((problem) => problem.startsWith('I10'));
  const present = files.filter((file) => existsSync(file));
  for (const file of present) {
    for (const { name } of await foundIn(file, secrets)) offenders.push(`${name} stands in ${file}`);
  }
  if ((await foundIn(known.file, [{ name: 'known', text: known.text }])).length === 0) {
    offenders.push(`the search is blind: ${known.text} was not found in ${known.file}`);
  }
  return {
    name: 'I10',
    promise: 'no key, secret, personal data or stranger’s payment in answers, callbacks, logs and histories',
    checked: secrets.length * present.length,
    offenders,
  };
}

async function foundIn(file: string, secrets: readonly Secret[]): Promise<Secret[]> {
  const found = new Set<Secret>();
  const overlap = Math.max(...secrets.map(({ text }) => text.length));
  let tail = '';
  for await (const chunk of createReadStream(file, { highWaterMark: 4_000_000, encoding: 'latin1' })) {
    const text = tail + (chunk as string);
    for (const secret of secrets) if (!found.has(secret) && text.includes(secret.text)) found.add(secret);
    tail = text.slice(-overlap);
  }
  return [...found];
}
