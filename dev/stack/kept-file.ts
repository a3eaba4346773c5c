import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const wayOut = 'put it back as it was, or begin anew with "npm run reset", which deletes that data';

/** Made once and kept: what it says is needed to read the data that is there. Another one in its place would be of no use. */
export function keptFile<T>(
  file: string,
  { make, dataFolder }: { make: () => T; dataFolder: string | undefined },
): T {
  if (!existsSync(file)) {
    if (dataFolder !== undefined && existsSync(dataFolder))
      throw new Error(
        `${file} is missing, and the data in ${dataFolder} can't be read without it: ${wayOut}.`,
      );
    writeFileSync(`${file}.new`, `${JSON.stringify(make(), null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`${file} is damaged (${(error as Error).message}): ${wayOut}.`);
  }
}
