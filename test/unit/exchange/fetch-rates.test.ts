import type { RateSource } from '../../../domain/exchange/rate-source';
import type { Caller } from '../../../integrations/call';
import { createRateFetcher } from '../../../integrations/exchange/fetch-rates';
import type { HttpClient } from '../../../integrations/http-exchange';

const source: RateSource = {
  ...{ id: 's1', name: 'slow', url: 'https://rates.example/{base}', spreadPercent: '0', isEnabled: true },
  pairs: ['USD', 'EUR', 'JPY', 'CHF'].map((base) => ({ base, quote: 'TWD', path: '$.twd' })),
};

/** Every request takes all the time it may. */
function slowly() {
  let nowMs = Date.parse('2026-01-02T03:04:05Z');
  const asked: number[] = [];
  const caller: Caller = {
    call: ({ timeoutMs }) => {
      asked.push(timeoutMs);
      nowMs += timeoutMs;
      return Promise.resolve({ kind: 'unknown', code: 'timeout', message: 'no answer' });
    },
    close: () => undefined,
  };
  const http = {} as HttpClient;
  const fetchRates = createRateFetcher({ caller, http, timeoutMs: 30_000, now: () => new Date(nowMs) });
  return { fetchRates, asked };
}

test('a slow source is asked no longer than its share, and what was not asked is named', async () => {
  const { fetchRates, asked } = slowly();
  expect(await fetchRates(source, 'c1', 45_000)).toEqual({
    rates: [],
    problems: [
      'rates.example: timeout: no answer',
      'rates.example: timeout: no answer',
      'not asked within 45000 ms: JPY, CHF',
    ],
  });
  expect(asked).toEqual([30_000, 15_000]);
});

test('with time enough all of it is asked', async () => {
  const { fetchRates, asked } = slowly();
  expect((await fetchRates(source, 'c1', 120_000)).problems).toHaveLength(4);
  expect(asked).toEqual([30_000, 30_000, 30_000, 30_000]);
});
