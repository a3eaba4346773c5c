import { isAllowed } from '../../../api/webhooks/ip-allow-list';

const list = ['192.0.2.0/24', '198.51.100.7', '2001:db8::/32', '2001:db9::1'];

test.each([
  ['192.0.2.200', true],
  ['192.0.3.1', false],
  ['198.51.100.7', true],
  ['198.51.100.8', false],
  ['::ffff:198.51.100.7', true],
  ['2001:db8:1::5', true],
  ['2001:db9::1', true],
  ['2001:db9::2', false],
  ['nonsense', false],
  [undefined, false],
])('%s: %s', (ip, isIn) => {
  expect(isAllowed(ip, list)).toBe(isIn);
  expect(isAllowed(ip, [])).toBe(true);
});
