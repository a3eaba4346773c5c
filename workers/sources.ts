import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The same for the same sources: what is built of them is kept under this name. */
export async function sourcesDigest(root: string, places: readonly string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const place of places) {
    for (const file of await filesUnder(path.join(root, place))) {
      digest.update(path.relative(root, file)).update(await readFile(file));
    }
  }
  return digest.digest('hex').slice(0, 16);
}

/** In the same order each time; a place is a folder or a file. */
export async function filesUnder(place: string): Promise<string[]> {
  if (path.extname(place) !== '') return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
