import { hasCardNumber } from '../../../domain/card-number';

// Published test numbers of the schemes; none belongs to a person.
const cards = {
  visa: '4242424242424242',
  visa13: '4222222222222',
  visa19: '4000000000000000006',
  mastercard: '5555555555554444',
  mastercard2: '2223003122003222',
  amex: '378282246310005',
  discover: '6011111111111117',
  diners: '30569309025904',
  diners36: '36227206271667',
  jcb: '3566002020360505',
  unionPay: '6200000000000005',
};

describe('what is a card number', () => {
  it.each(Object.entries(cards))('%s', (_name, digits) => {
    expect(hasCardNumber(digits)).toBe(true);
  });

  it.each([
    ['spaces', '4242 4242 4242 4242'],
    ['dashes', '4242-4242-4242-4242'],
    ['narrow and wide separators', '4242 – 4242'.replace(' – ', '\u2013') + '\u00a04242\u20094242'],
    ['a sentence around it', 'please charge 4242 4242 4242 4242, expires 12/34'],
    ['letters touching it', 'card4242424242424242x'],
    ['a date before it', '2026-01-15 4242 4242 4242 4242'],
    ['a security code after it', '4242424242424242 123'],
    ['full-width digits', '４２４２４２４２４２４２４２４２'],
    ['cents after it', '4242424242424242.00'],
    ['a full stop after it', 'It is 4242424242424242.'],
    ['JSON inside text', '{"n":"4242424242424242"}'],
    ['an address', 'https://shop.example/?pan=4242424242424242&x=1'],
  ])('%s', (_name, text) => {
    expect(hasCardNumber(text)).toBe(true);
  });
});

describe('what is none', () => {
  it.each([
    ['a wrong check digit', '4242424242424241'],
    ['right check digit, no issuer', '1234567890123452'],
    ['twelve digits', '424242424242'],
    ['a time in milliseconds', '1767323045000'],
    ['a time in microseconds', '1767323045000000'],
    ['zeros', '0000000000000000'],
    ['the digits in the middle of more digits', '994242424242424242994242424242424242'],
    ['an amount of ether', '4.242424242424242424'],
    ['decimals that look like one', '0.4242424242424242'],
    ['decimals of an issuer', '12.621234567890123459'],
    ['a UUID with many digits', '42424242-4242-4242-8242-424242424242'],
    ['a hash', 'a424242424242424242424242424242424242424'],
    ['a public id', 'pay_019abc42424242424242424242424242'],
    ['no digits', 'a kettle'],
    ['a phone number', '+886 2 2345 6789'],
  ])('%s', (_name, text) => {
    expect(hasCardNumber(text)).toBe(false);
  });

  it('answers quickly for the longest body there can be', () => {
    const startedAt = performance.now();
    hasCardNumber('4 '.repeat(32_768));
    hasCardNumber('4'.repeat(65_536));
    hasCardNumber('4.'.repeat(32_768));
    hasCardNumber(`0.${'4'.repeat(65_536)}`);
    hasCardNumber('0123456789abcdef'.repeat(4_096));
    hasCardNumber('4242-'.repeat(13_000));
    hasCardNumber(`${'4'.repeat(65_536)}x`);
    expect(performance.now() - startedAt).toBeLessThan(20_000); // a pattern that looks back over all of it takes minutes
  });
});
