import fc from '../../support/properties';
import { checkRate } from '../../../domain/exchange/check-rate';
import { convertAt, feeShare, parseSpread, ratiosOf, showRatio } from '../../../domain/exchange/conversion';
import { makeQuote, pinQuote, refuseQuote, type Quote } from '../../../domain/exchange/quote';
import { chooseRate, type ObservedRate } from '../../../domain/exchange/rates';
import { parseRate } from '../../../domain/money/rate';

const now = new Date('2026-01-02T03:04:05Z');
const minute = 60_000;
const observed = (over: Partial<ObservedRate> = {}): ObservedRate => ({
  id: 'r1',
  base: 'USD',
  quote: 'TWD',
  rate: '31.4725',
  spreadPercent: '0.5',
  source: 'manual',
  observedAt: new Date(now.getTime() - minute),
  ...over,
});
const limits = { rateAgeMsMax: 10 * minute, quoteTtlMs: 5 * minute };
const wish = {
  id: 'q1',
  merchantId: 'm1',
  mode: 'test' as const,
  from: { amount: 10_000n, currency: 'USD' },
  settleCurrency: 'TWD',
};

function quoted(over: Partial<Quote> = {}): Quote {
  const made = makeQuote(wish, { direct: observed() }, limits, now);
  if (!made.ok) throw new Error(made.refusal);
  return { ...made.quote, ...over };
}

describe('which rate holds', () => {
  const stale = new Date(now.getTime() - 11 * minute);
  const inverse = observed({ id: 'r2', base: 'TWD', quote: 'USD', rate: '0.0318' });

  test('the pair as it was observed', () => {
    expect(chooseRate({ direct: observed(), inverse }, now, limits.rateAgeMsMax)).toMatchObject({
      ok: true,
      chosen: {
        observed: { id: 'r1' },
        isInverse: false,
        market: { numerator: 314_725n, denominator: 10_000n },
      },
    });
  });

  test('turned round where the other way is all there is, or the newer by far', () => {
    for (const direct of [undefined, observed({ observedAt: stale })]) {
      expect(chooseRate({ direct, inverse }, now, limits.rateAgeMsMax)).toMatchObject({
        ok: true,
        chosen: {
          observed: { id: 'r2' },
          isInverse: true,
          market: { numerator: 10_000n, denominator: 318n },
        },
      });
    }
  });

  test('exactly as old as may be is not too old; one millisecond more is', () => {
    const aged = (ageMs: number) => observed({ observedAt: new Date(now.getTime() - ageMs) });
    expect(chooseRate({ direct: aged(10 * minute) }, now, 10 * minute).ok).toBe(true);
    expect(chooseRate({ direct: aged(10 * minute + 1) }, now, 10 * minute)).toEqual({
      ok: false,
      refusal: 'rate_stale',
    });
  });

  test('none at all', () => {
    expect(chooseRate({}, now, minute)).toEqual({ ok: false, refusal: 'rate_unknown' });
  });
});

describe('a quote', () => {
  test('is the rate less the spread, rounded down, with all it came from', () => {
    // 100.00 USD × 31.4725 = 3147.25; × 0.995 = 3131.51…
    expect(quoted()).toMatchObject({
      to: { amount: 3_131n, currency: 'TWD' },
      rateId: 'r1',
      source: 'manual',
      spreadPercent: '0.5',
      expiresAt: new Date(now.getTime() + 5 * minute),
    });
    expect(convertAt(quoted(), 10_000n)).toEqual({ target: 3_131n, worth: 3_147n });
    const pair = { source: 'USD', target: 'TWD' };
    expect([showRatio(quoted().market, pair), showRatio(quoted().merchant, pair)]).toEqual([
      '31.4725',
      '31.3151375',
    ]);
  });

  test('is none where the merchant would get nothing', () => {
    // 1 TWD × 0.001 = 0.001 USD; 10 TWD are the first cent.
    const rates = { direct: observed({ base: 'TWD', quote: 'USD', rate: '0.001', spreadPercent: '0' }) };
    const made = (amount: bigint) =>
      makeQuote({ ...wish, from: { amount, currency: 'TWD' }, settleCurrency: 'USD' }, rates, limits, now);
    expect(made(9n)).toEqual({ ok: false, refusal: 'amount_too_small' });
    expect(made(10n)).toMatchObject({ ok: true, quote: { to: { amount: 1n, currency: 'USD' } } });
  });

  test('is none where it comes to more than an amount may have', () => {
    // 1 USD cent is 10^16 wei at a rate of 1.
    const rates = (rate: string, spreadPercent = '0') => ({
      direct: observed({ quote: 'ETH', rate, spreadPercent }),
    });
    const made = (amount: bigint, known = rates('1')) =>
      makeQuote({ ...wish, from: { amount, currency: 'USD' }, settleCurrency: 'ETH' }, known, limits, now);
    const largest = 10n ** 30n - 10n ** 16n;
    expect(made(10n ** 14n - 1n)).toMatchObject({ ok: true, quote: { to: { amount: largest } } });
    const refused = { ok: false, refusal: 'amount_too_large' };
    expect(made(10n ** 14n)).toEqual(refused);
    expect(made(100n, rates('9'.repeat(30)))).toEqual(refused);
    // The merchant would get an amount, but what it is worth is booked as well.
    expect(made(10n ** 14n, rates('1', '50'))).toEqual(refused);
  });

  test('is pinned as JSON that comes back as it went', () => {
    const pinned = pinQuote(quoted());
    expect(JSON.parse(JSON.stringify(pinned))).toEqual(pinned);
  });

  const payment = { id: 'p1', amount: 10_000n, currency: 'USD', settleCurrency: 'TWD' };
  const tooMuch = { market: { n: `1${'0'.repeat(26)}`, d: '1' } };
  test.each([
    ['quote_unknown', undefined, payment],
    ['quote_mismatch', quoted(), { ...payment, amount: 10_001n }],
    ['quote_mismatch', quoted(), { ...payment, currency: 'EUR' }],
    ['quote_mismatch', quoted(), { ...payment, settleCurrency: 'EUR' }],
    ['amount_too_small', quoted({ to: { amount: 0n, currency: 'TWD' } }), payment],
    ['amount_too_large', quoted(tooMuch), payment],
    ['quote_expired', quoted({ expiresAt: now }), payment],
    ['quote_used', quoted({ paymentId: 'p2' }), payment],
    [undefined, quoted({ paymentId: 'p1', expiresAt: now }), payment],
    [undefined, quoted(), payment],
  ])('%s', (refusal, quote, asked) => {
    expect(refuseQuote(quote, asked, now)).toBe(refusal);
  });
});

describe('conversion', () => {
  const currencies = fc.constantFrom('USD', 'TWD', 'JPY', 'KWD', 'BTC', 'ETH', 'USDT');
  const rates = fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 9 }))
    .map(([digits, decimals]) => {
      const text = digits.toString().padStart(decimals + 1, '0');
      return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
    });
  const spreads = fc.constantFrom('0', '0.0001', '0.5', '2', '50');

  test('never gives more than it is worth, is off by less than a unit, and parts never sum to more', () => {
    fc.assert(
      fc.property(
        ...([currencies, currencies, rates, spreads, fc.bigInt({ min: 0n, max: 10n ** 24n })] as const),
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        (source, target, text, spreadPercent, one, other) => {
          const rate = parseRate(text);
          if (rate === undefined) throw new Error(text);
          const terms = ratiosOf(rate, { source, target, spreadPercent });
          const whole = convertAt(terms, one + other);
          expect(whole.target).toBeLessThanOrEqual(whole.worth);
          const [n, d] = [BigInt(terms.merchant.n), BigInt(terms.merchant.d)];
          const off = (one + other) * n - whole.target * d;
          expect(off >= 0n && off < d).toBe(true);
          const parts = convertAt(terms, one).target + convertAt(terms, other).target;
          expect(whole.target - parts === 0n || whole.target - parts === 1n).toBe(true);
          if (spreadPercent === '0') expect(whole.target).toBe(whole.worth);
        },
      ),
    );
  });

  test('a fee that comes later costs at least what it is worth', () => {
    const terms = quoted();
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (fee) => {
        const { source, target, worth } = feeShare(terms, fee);
        expect([source, worth]).toEqual([fee, target]);
        expect(target * BigInt(terms.market.d)).toBeGreaterThanOrEqual(fee * BigInt(terms.market.n));
      }),
    );
  });

  test.each(['-1', '50.0001', '51', '100', '0.00001', '1e1', '', ' 1', '01', '.5'])(
    '%j is no spread',
    (text) => {
      expect(parseSpread(text)).toBeUndefined();
    },
  );
});

describe('a written rate', () => {
  const written = {
    base: 'USD',
    quote: 'TWD',
    rate: '31.5',
    spreadPercent: '0',
    observedAt: '2026-01-02T03:04:05Z',
  };

  test('is taken as it is', () => {
    expect(checkRate(written, now)).toEqual({ ok: true, rate: { ...written, observedAt: now } });
  });

  test.each([
    ['base', { base: 'USX' }],
    ['quote', { quote: 'twd' }],
    ['quote', { quote: 'USD' }],
    ['rate', { rate: '0' }],
    ['rate', { rate: '-31' }],
    ['rate', { rate: '31,5' }],
    ['rate', { rate: '3e1' }],
    ['spreadPercent', { spreadPercent: '60' }],
    ['observedAt', { observedAt: 'yesterday' }],
    ['observedAt', { observedAt: '2026-01-02' }],
    ['observedAt', { observedAt: '2026-13-02T03:04:05Z' }],
    ['observedAt', { observedAt: '2026-01-02T03:06:00Z' }],
    ['observedAt', { observedAt: '2025-02-29T03:04:05Z' }],
    ['observedAt', { observedAt: '0000-01-01T00:00:00Z' }],
    ['observedAt', { observedAt: '1969-12-31T23:59:59.999Z' }],
    ['observedAt', { observedAt: '1970-01-01T00:00:00+00:01' }],
  ])('refused for its %s: %j', (field, over) => {
    expect(checkRate({ ...written, ...over }, now)).toMatchObject({ ok: false, problem: { field } });
  });
});
