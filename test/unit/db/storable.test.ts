import { storable } from '../../../db/storable';

it('replaces what PostgreSQL can not keep, wherever it stands, and leaves the rest as it is', () => {
  const told = {
    eventId: 'a\u0000b',
    status: { error: { code: 'x\ud800y', message: '\udc00' } },
    'n\u0000me': ['fine', '😀', '\ud83d', 1, null, undefined, true],
  };
  expect(storable(told)).toEqual({
    eventId: 'a\ufffdb',
    status: { error: { code: 'x\ufffdy', message: '\ufffd' } },
    'n\ufffdme': ['fine', '😀', '\ufffd', 1, null, undefined, true],
  });
});
