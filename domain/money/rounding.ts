/** Which way a fraction of the smallest unit goes. Every division of money names one. */
export type Rounding = 'half_even' | 'half_up' | 'half_down' | 'up' | 'down' | 'ceiling' | 'floor';

/** numerator / denominator as a whole number. "up" is away from zero, "down" towards it. */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  if (denominator === 0n) throw new RangeError('Division by zero');
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n) return quotient;
  const negative = numerator < 0n !== denominator < 0n;
  const away = negative ? quotient - 1n : quotient + 1n;
  switch (rounding) {
    case 'down':
      return quotient;
    case 'up':
      return away;
    case 'ceiling':
      return negative ? quotient : away;
    case 'floor':
      return negative ? away : quotient;
    case 'half_up':
      return half(rest, denominator) >= 0 ? away : quotient;
    case 'half_down':
      return half(rest, denominator) > 0 ? away : quotient;
    case 'half_even': {
      const side = half(rest, denominator);
      if (side !== 0) return side > 0 ? away : quotient;
      return quotient % 2n === 0n ? quotient : away;
    }
  }
}

/** Below, at or above one half. */
function half(rest: bigint, denominator: bigint): -1 | 0 | 1 {
  const twice = 2n * magnitude(rest);
  const whole = magnitude(denominator);
  return twice < whole ? -1 : twice > whole ? 1 : 0;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
