import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { callbackTypes } from '../../../domain/callback-types';
import { signCallback } from '../../../integrations/callbacks/signature';

type Verify = (rawBody: Buffer, header: string, secret: string, toleranceSeconds?: number) => boolean;

const page = readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'callbacks.md'), 'utf8');
const sample = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const isFromDurapay = vm.runInNewContext(`${sample}; isFromDurapay`, {
  require: createRequire(__filename),
  Buffer,
  Date,
}) as Verify;

const body = '{"id":"evt_1","note":"客樂得"}';
const raw = Buffer.from(body, 'utf8');
const now = () => new Date();

test('the sample of the page accepts what the platform signs', () => {
  expect(isFromDurapay(raw, signCallback(body, ['one'], now()), 'one')).toBe(true);
});

test('it accepts either secret while a rotation lasts, and no third one', () => {
  const header = signCallback(body, ['new', 'old'], now());
  expect(['new', 'old', 'other'].map((secret) => isFromDurapay(raw, header, secret))).toEqual([
    true,
    true,
    false,
  ]);
});

test('it refuses another body, an old time and a broken header', () => {
  const header = signCallback(body, ['one'], now());
  expect(isFromDurapay(Buffer.from(`${body} `), header, 'one')).toBe(false);
  expect(isFromDurapay(raw, signCallback(body, ['one'], new Date(Date.now() - 301_000)), 'one')).toBe(false);
  for (const broken of ['', 't=,v1=', 'v1=00', header.replace('v1', 'v0'), `${header.slice(0, -2)}zz`]) {
    expect(isFromDurapay(raw, broken, 'one')).toBe(false);
  }
});

test('the page lists all that is sent, and nothing else', () => {
  const table = /\| type +\| when[^\n]*\n\|[- |]+\n((?:\|.*\n)+)/.exec(page)?.[1] ?? '';
  const listed = table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, type, when]) => [type?.replaceAll('`', ''), when]);
  expect(listed).toEqual(Object.entries(callbackTypes));
});
