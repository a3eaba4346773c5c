import fc from '../../support/properties';
import { parseSuspenseId, suspenseId } from '../../../domain/suspense/suspense-id';

const aRef = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme' });

test('a charge’s name in an address leads back to the charge', () => {
  fc.assert(
    fc.property(fc.uuid(), aRef, (channelConfigId, providerRef) => {
      const id = suspenseId({ channelConfigId, providerRef });
      expect(id).toMatch(/^sus_[0-9a-f]+$/);
      if (id.length <= 2_000) expect(parseSuspenseId(id)).toEqual({ channelConfigId, providerRef });
    }),
  );
});

test.each(['', 'sus_', `sus_${'0'.repeat(32)}`, `sus_${'0'.repeat(33)}`, `pay_${'0'.repeat(34)}`])(
  '%j is no such name',
  (text) => {
    expect(parseSuspenseId(text)).toBeUndefined();
  },
);

// What PostgreSQL can't hold, and what would be a second name for one charge.
test.each(['4b00', '00', 'c0af', 'ff', 'eda080', 'e28'])('%j is no provider’s number', (hex) => {
  expect(parseSuspenseId(`sus_${'0'.repeat(32)}${hex}`)).toBeUndefined();
});

test('a number may begin with a byte order mark', () => {
  const charge = { channelConfigId: '00000000-0000-0000-0000-000000000000', providerRef: '\ufeffko_1' };
  expect(parseSuspenseId(suspenseId(charge))).toEqual(charge);
});
