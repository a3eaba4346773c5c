import { readChannelName } from '../../../dev/new-channel/channel-name';

describe('the name of a new channel', () => {
  it('is written with a capital unless it is said how', () => {
    expect(readChannelName('paynow')).toEqual({ name: 'paynow', title: 'Paynow' });
    expect(readChannelName('paynow', 'PayNow')).toEqual({ name: 'paynow', title: 'PayNow' });
  });

  it.each([
    ['PayNow'],
    ['pay-now'],
    ['pay_now'],
    ['pay now'],
    ['2pay'],
    ['p'],
    ['a'.repeat(21)],
    ['../etc'],
    [''],
    ['päy'],
    ['new'],
    ['constructor'],
    ['newchannel'],
  ])('is not "%s"', (name) => {
    expect(() => readChannelName(name)).toThrow(`"${name}"`);
  });

  it('is written as people write it in capitals only', () => {
    expect(() => readChannelName('paynow', 'Pay Now')).toThrow('capitals only');
  });
});
