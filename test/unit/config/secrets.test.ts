import type { ConfigDocument } from '../../../domain/config/document';
import { differencesBetween } from '../../../domain/config/differences';
import { isSecretPath, joinSecrets, keepMasked, maskOf, splitSecrets } from '../../../domain/config/secrets';

const fields = ['apiKey', 'accounts.*.password', 'credentials'];
const document: ConfigDocument = {
  name: 'primary',
  apiKey: 'SG.abcdefghijklmnopqrstuvwxyz',
  accounts: [
    { user: 'a', password: 'one' },
    { user: 'b', password: 'two' },
  ],
  credentials: { 'dotted.key': 'deep', empty: '', absent: null },
  limits: {},
};

test('secrets are split off wherever they stand, and joined again exactly', () => {
  const { masked, secrets } = splitSecrets(document, fields);
  expect(masked).toEqual({
    name: 'primary',
    apiKey: '********wxyz',
    accounts: [
      { user: 'a', password: '********' },
      { user: 'b', password: '********' },
    ],
    credentials: { 'dotted.key': '********', empty: '', absent: null },
    limits: {},
  });
  expect(JSON.stringify(masked)).not.toMatch(/abcdef|"one"|deep/);
  expect(joinSecrets({ masked, secrets: JSON.parse(JSON.stringify(secrets)) as typeof secrets })).toEqual(
    document,
  );
});

test('a field is secret by its own path or by what it stands in, never by a part of its name', () => {
  expect(isSecretPath(['credentials', 'deep', 'er'], fields)).toBe(true);
  expect(isSecretPath(['accounts', '7', 'password'], fields)).toBe(true);
  expect(isSecretPath(['accounts', '7', 'user'], fields)).toBe(false);
  expect(isSecretPath(['apiKeyName'], fields)).toBe(false);
  expect(isSecretPath(['nested', 'apiKey'], fields)).toBe(false);
});

test('a short secret shows nothing of itself', () => {
  expect(maskOf('nineteen characters')).toBe('********');
  expect(maskOf(123456)).toBe('********');
});

test('a mask that comes back keeps the secret; any other text is a new one', () => {
  const { masked } = splitSecrets(document, fields);
  expect(keepMasked(masked, document, fields)).toEqual(document);
  expect(keepMasked({ ...masked, apiKey: '********zzzz' }, document, fields)).toMatchObject({
    apiKey: '********zzzz',
  });
  expect(keepMasked({ apiKey: '********' }, {}, fields)).toEqual({ apiKey: '********' });
});

test('differences name fields; secrets are compared as they are and shown masked', () => {
  const after: ConfigDocument = {
    ...document,
    name: 'secondary',
    accounts: [{ user: 'a', password: 'eno' }],
    region: 'eu',
  };
  expect(differencesBetween(document, after, fields)).toEqual([
    { field: 'name', before: 'primary', after: 'secondary', isSecret: false },
    { field: 'accounts.0.password', before: '********', after: '********', isSecret: true },
    { field: 'accounts.1.user', before: 'b', after: undefined, isSecret: false },
    { field: 'accounts.1.password', before: '********', after: undefined, isSecret: true },
    { field: 'region', before: undefined, after: 'eu', isSecret: false },
  ]);
  expect(differencesBetween(document, document, fields)).toEqual([]);
});
