import {
  closingEnd,
  instantOf,
  taipeiDate,
  taipeiTime,
} from '../../../../integrations/channels/ecpay/taipei-time';

it('tells the time in Taipei, and reads it back', () => {
  const at = new Date('2026-01-01T00:05:09.000Z');
  expect(taipeiTime(at)).toBe('2026/01/01 08:05:09');
  expect(instantOf('2026/01/01 08:05:09')).toEqual(at);
  expect(taipeiDate(new Date('2026-01-01T16:00:00.000Z'))).toBe('2026-01-02');
});

it('reads a bare day as its end, and nothing that the calendar has not', () => {
  expect(instantOf('2026/01/01')).toEqual(new Date('2026-01-01T15:59:59.000Z'));
  for (const odd of [
    '',
    '2026/13/01 00:00:00',
    '2026/02/30 00:00:00',
    '2026/02/29',
    '2026/01/01 25:00:00',
    '2026-1-1',
    'now',
  ]) {
    expect(instantOf(odd)).toBeUndefined();
  }
});

describe('the closing of the day', () => {
  const inTaipei = (time: string) => new Date(`2026-01-01T${time}+08:00`);
  const end = (time: string, hours?: string) => closingEnd(inTaipei(time), hours)?.getTime();

  it.each([
    ['20:13:59', undefined],
    ['20:14:00', '20:31:00'],
    ['20:15:00', '20:31:00'],
    ['20:30:59', '20:31:00'],
    ['20:31:00', undefined],
    ['08:20:00', undefined],
  ])('at %s ends at %s', (time, until) => {
    expect(end(time)).toBe(until && inTaipei(until).getTime());
  });

  it('keeps other hours where they are configured, over midnight too', () => {
    expect(end('20:20:00', '01:00-02:00')).toBeUndefined();
    expect(end('23:59:30', '23:59-00:01')).toBe(inTaipei('23:59:30').getTime() + 90_000);
    expect(end('00:00:30', '23:59-00:01:10')).toBe(inTaipei('00:01:10').getTime());
    expect(end('20:20:00', 'none')).toBeUndefined();
    expect(end('20:20:00', 'in the evening')).toBe(inTaipei('20:31:00').getTime());
  });
});
