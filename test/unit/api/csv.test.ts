import { csvRow } from '../../../api/csv';

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['@x', "'@x"],
  ['-2+3', "'-2+3"],
  ['\tx', "'\tx"],
  ['-100.50', '-100.50'],
  ['plain', 'plain'],
  ['a,"b"', '"a,""b"""'],
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  [null, ''],
])('%j becomes %j', (cell, written) => {
  expect(csvRow([cell])).toBe(`${written}\r\n`);
});

test('cells are separated by commas', () => {
  expect(csvRow(['a', null, 'b'])).toBe('a,,b\r\n');
});
