import { taipeiTime, type Order } from './order';

/** Both of ECPay's statements, in the manner it writes them for Excel; a fee of 2.75 % in integers. */

const feePerTenThousand = 275;

export function tradeStatement(orders: Iterable<Order>, begin: string, end: string): string {
  const lines = [
    '訂單日期,廠商訂單編號,綠界訂單編號,付款方式,交易金額,手續費率(每筆),手續費,應收款項(淨額),撥款狀態',
  ];
  for (const order of orders) {
    if (order.paidAt === null || !isBetween(order.paidAt, begin, end)) continue;
    const fee = feeOf(order.amount);
    lines.push(
      [
        `="${taipeiTime(order.createdAt).replaceAll('/', '-')}"`,
        `="${order.orderNo}"`,
        `="${order.tradeNo}"`,
        order.way,
        `=${order.amount}`,
        '=2.75%',
        `=${fee}`,
        `=${order.amount - fee}`,
        '未撥款',
      ].join(','),
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

export function creditStatement(orders: Iterable<Order>, begin: string, end: string): string {
  const lines = [
    '授權單號,授權碼,關帳單號,訂單編號,交易日期,請款日期,交易金額,手續費,%數,撥款金額,交易處理費',
  ];
  let total = 0;
  for (const order of orders) {
    for (const { amount, at } of movements(order)) {
      if (!isBetween(at, begin, end)) continue;
      const fee = feeOf(amount);
      total += amount;
      lines.push(
        [
          order.gwsr,
          '777777',
          order.tradeNo,
          order.orderNo,
          compactDay(order.createdAt),
          compactDay(at),
          amount,
          fee,
          '2.75%',
          amount - fee,
          0,
        ]
          .map((cell) => `=${cell}`)
          .join(','),
      );
    }
  }
  lines.push(`,,,,,每日小計:,${total},,,,0`);
  return `${lines.join('\r\n')}\r\n`;
}

function movements(order: Order): { amount: number; at: number }[] {
  return [
    ...order.closings.filter(({ state }) => state !== 'undone'),
    ...order.refunds
      .filter(({ action }) => action === 'R')
      .map(({ amount, at }) => ({ amount: -amount, at })),
  ];
}

function feeOf(amount: number): number {
  const fee = Math.floor((Math.abs(amount) * feePerTenThousand + 5_000) / 10_000);
  return amount < 0 ? -fee : fee;
}

function isBetween(ms: number, begin: string, end: string): boolean {
  const day = taipeiTime(ms).slice(0, 10).replaceAll('/', '-');
  return day >= begin && day <= end;
}

function compactDay(ms: number): string {
  return taipeiTime(ms).slice(0, 10).replaceAll('/', '');
}
