import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const root = path.join(__dirname, '..', '..', '..');

export interface ComposeService {
  image?: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number | null>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval?: string; timeout?: string };
  volumes?: string[];
  ports?: string[];
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

export const composeText = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
export const compose = parse(composeText, { merge: true }) as ComposeFile;

const reference = /\$\{([A-Z][A-Z0-9_]*)(?::([?-])([^}]*))?\}/g;

/** Every variable the file asks of .env. */
export const composeVariables = new Set([...composeText.matchAll(reference)].map(([, name = '']) => name));

/** What a container would be given: as compose fills in `${NAME:?…}`, `${NAME:-…}` and names without a value. */
export function environmentOf(service: ComposeService, dotEnv: Record<string, string>): NodeJS.ProcessEnv {
  const fill = (text: string): string =>
    text.replaceAll(reference, (_, name: string, kind: string | undefined, rest: string | undefined) => {
      const value = dotEnv[name] ?? '';
      if (value !== '') return value;
      if (kind === '?') throw new Error(`${name} is not set`);
      return kind === '-' ? (rest ?? '') : '';
    });
  const given = Object.entries(service.environment ?? {}).map(
    ([name, value]) => [name, value === null ? dotEnv[name] : fill(String(value))] as const,
  );
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
