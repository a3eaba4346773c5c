import { readStatement } from '../../../../integrations/channels/ecpay/statement-file';

const trades =
  '訂單日期,廠商訂單編號,綠界訂單編號,付款方式,交易金額,手續費率(每筆),手續費,應收款項(淨額),撥款狀態';
const cards = '授權單號,授權碼,關帳單號,訂單編號,交易日期,請款日期,交易金額,手續費,%數,撥款金額,交易處理費';

it('reads the trades, in the manner written for Excel', () => {
  const text = `\ufeff${trades}\r\n="2026-08-20 10:00:00",="A1",="EC1","ATM, ""bank""",=1000,=1%,=10,=980.5,已撥款\r\n`;
  expect(readStatement(text)).toEqual({
    ok: true,
    rows: [
      {
        kind: 'payment',
        merchantTradeNo: 'A1',
        providerRef: 'EC1',
        amountMinor: '1000',
        currency: 'TWD',
        fee: '19.5',
        net: '980.5',
        day: '2026-08-20',
      },
    ],
  });
});

it('reads what cards were charged and given back, and leaves sums out', () => {
  const text = `${cards}\n=11,=22,=33,=A1,=20260820,=20260821,=-200,=-4,=2%,=-196.4,=0\n,,,,,每日小計:,-200,-4,,-196,0\n`;
  expect(readStatement(text)).toMatchObject({
    ok: true,
    rows: [
      {
        kind: 'refund',
        providerRef: '11',
        amountMinor: '-200',
        fee: '-3.6',
        net: '-196.4',
        day: '2026-08-21',
      },
    ],
  });
});

it.each([
  ['', 'the first line does not name the columns'],
  ['<html>busy</html>', 'the first line does not name the columns'],
  [`${cards}\n=11,=22,=33,=,=20260820,=20260821,=-500,=0,=,=-500,=0`, 'line 2 does not read'],
  [`${trades}\n="2026-08-20",="A1",="EC1",ATM,=1e3,,,=1,`, 'line 2 does not read'],
  [`${trades}\n="2026-08-20",="A1",="EC1",ATM,=10,,,=9,\n="2026-08-20",="A2"`, 'line 3 does not read'],
])('refuses a file that does not read: %j', (text, reason) => {
  expect(readStatement(text)).toEqual({ ok: false, reason });
});

it('is empty without a trade', () => {
  expect(readStatement(trades)).toEqual({ ok: true, rows: [] });
});
