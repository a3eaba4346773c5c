import { readFileSync } from 'node:fs';
import path from 'node:path';
import { settingsSchema } from '../../../config/settings';
import { composeVariables } from './compose-file';

interface Line {
  name: string;
  value: string;
  isCommentedOut: boolean;
  explanation: string;
}

const text = readFileSync(path.join(__dirname, '..', '..', '..', '.env.example'), 'utf8');
const rows = text.split('\n');
const lines = rows.flatMap((row, at): Line[] => {
  const match = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(row);
  if (match === null) return [];
  const [, mark, name = '', value = ''] = match;
  return [{ name, value, isCommentedOut: mark === '#', explanation: rows[at - 1] ?? '' }];
});
const named = new Map(lines.map((line) => [line.name, line]));
const fields = Object.entries(settingsSchema.shape);

test('each name stands there once, under a line that says what it is for', () => {
  expect(lines.map((line) => line.name)).toEqual([...named.keys()]);
  expect(lines.filter((line) => !/^# \S/.test(line.explanation))).toEqual([]);
});

test('it holds every setting, beside them only what docker-compose.yml asks for', () => {
  const settings = fields.map(([name]) => name);
  expect(settings.filter((name) => !named.has(name))).toEqual([]);
  const foreign = [...named.keys()].filter((name) => !settings.includes(name));
  expect(foreign.sort()).toEqual([...composeVariables].filter((name) => !settings.includes(name)).sort());
});

test.each(fields)('%s shows its default', (name, schema) => {
  const line = named.get(name);
  const withoutValue = schema.safeParse(undefined);
  const isDefaultEmpty = !withoutValue.success || withoutValue.data === undefined;
  if (isDefaultEmpty) return expect(line?.value).toBe('');
  // Three defaults are for a developer's machine: compose asks for them.
  if (line?.isCommentedOut === false) return expect(line.value).toBe('');
  expect(schema.parse(line?.value ?? 'missing')).toEqual(withoutValue.data);
});

test('nothing that looks like a secret has a value', () => {
  const secrets = lines.filter(({ name }) => /PASSWORD|KEYS?$|TOKEN|SECRET/.test(name));
  expect(secrets.length).toBeGreaterThanOrEqual(6);
  expect(secrets.filter(({ value }) => value !== '')).toEqual([]);
});
