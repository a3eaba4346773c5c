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
