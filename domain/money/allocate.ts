/**
 * Splits an amount in the ratio of the weights so that the shares sum to the whole. What integer division
 * leaves over goes, one unit each, to the largest fractions; between equal ones the earlier share is first.
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('A weight is negative');
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n) throw new RangeError('The weights sum to zero');

  const sign = amount < 0n ? -1n : 1n;
  const whole = amount * sign;
  const parts = weights.map((weight, index) => ({
    index,
    share: (whole * weight) / total,
    fraction: (whole * weight) % total,
  }));
  let left = whole - parts.reduce((sum, part) => sum + part.share, 0n);
  const byFraction = [...parts].sort((a, b) =>
    a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1,
  );
  for (const part of byFraction) {
    if (left === 0n) break;
    part.share += 1n;
    left -= 1n;
  }
  return parts.map((part) => part.share * sign);
}
