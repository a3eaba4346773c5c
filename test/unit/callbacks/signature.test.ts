import { signCallback } from '../../../integrations/callbacks/signature';

const at = new Date('2026-01-02T03:04:05.999Z');

test('a known vector', () => {
  // printf '1767323045.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_one
  expect(signCallback('{"id":"evt_1"}', ['whsec_one'], at)).toBe(
    't=1767323045,v1=a748c61dd69ab354f34cc129c185ebe45947179631f2c0456f522d14f0a9defc',
  );
});

test('while two secrets are valid there is a signature with each, the newest first', () => {
  const [time, first, second, ...rest] = signCallback('{}', ['new', 'old'], at).split(',');
  expect(time).toBe('t=1767323045');
  expect(`${time},${first}`).toBe(signCallback('{}', ['new'], at));
  expect(`${time},${second}`).toBe(signCallback('{}', ['old'], at));
  expect(rest).toEqual([]);
});

test('the body, the time and the secret all count', () => {
  const signed = signCallback('{}', ['one'], at);
  expect(signCallback('{ }', ['one'], at)).not.toBe(signed);
  expect(signCallback('{}', ['two'], at)).not.toBe(signed);
  expect(signCallback('{}', ['one'], new Date(at.getTime() + 1_000))).not.toBe(signed);
});
