import fc from '../../support/properties';
import { createAddressRules } from '../../../integrations/callbacks/address-rules';

const rules = createAddressRules([]);

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(rules(address)).toBe('public');
});

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '::127.0.0.1',
  '64:ff9b::a00:1',
  '2001:db8::1',
  '2002:a00:1::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '4000::1',
  'not an address',
  '',
])('%s is forbidden', (address) => {
  expect(rules(address)).toBe('forbidden');
});

test('the operator can allow a range, in either dress, and nothing beside it', () => {
  const relaxed = createAddressRules(['10.1.0.0/16', 'fd00::/8']);
  expect(relaxed('10.1.200.3')).toBe('allowed_privately');
  expect(relaxed('::ffff:10.1.200.3')).toBe('allowed_privately');
  expect(relaxed('fd12::1')).toBe('allowed_privately');
  expect(relaxed('10.2.0.1')).toBe('forbidden');
  expect(relaxed('fc00::1')).toBe('forbidden');
  expect(relaxed('8.8.8.8')).toBe('public');
});

test('a mapped address is judged like the address in it', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => expect(rules(`::ffff:${address}`)).toBe(rules(address))));
});

test('a bad range is refused when the rules are made', () => {
  expect(() => createAddressRules(['10.0.0.0'])).toThrow();
});
