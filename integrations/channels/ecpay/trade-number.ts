import { createHash } from 'node:crypto';

const lengthMax = 20;

/**
 * ECPay's numbers have 20 letters and digits, our references more: so this is a name made from the reference, the same
 * each time. Capitals only, in case theirs are compared without regard to case; 103 bits make no two alike.
 */
export function merchantTradeNo(reference: string): string {
  const digest = createHash('sha256').update(`ecpay/${reference}`).digest('hex');
  return BigInt(`0x${digest}`).toString(36).toUpperCase().padStart(lengthMax, '0').slice(-lengthMax);
}
