import { z } from 'zod';
import type { RateRow } from '../../../db/stores/exchange-rates-store';
import { showRatio } from '../../../domain/exchange/conversion';
import type { Quote } from '../../../domain/exchange/quote';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { amountInput, currencyInput } from '../../schemas/amount';
import { idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

const decimal = z
  .string()
  .max(40)
  .meta({ pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', examples: ['31.4725'] });
const spread = z.string().max(10).default('0').meta({
  description: 'What the platform keeps of an exchange at this rate: 0.5 is 0.5 %. At most 50.',
});

export const newRate = z.strictObject({
  base: currencyInput,
  quote: currencyInput,
  rate: decimal.meta({ description: 'One unit of `base` is worth so many of `quote`.' }),
  spreadPercent: spread,
  observedAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Now, if left out.' }),
});

export const importBody = z.strictObject({
  csv: z
    .string()
    .min(1)
    .max(1_000_000)
    .meta({
      description: 'The file as text, up to 5,000 rates.',
      examples: ['base,quote,rate,observedAt\nUSD,TWD,31.4725,2026-01-31T09:30:00Z'],
    }),
  spreadPercent: spread.meta({ description: 'Of lines that have none of their own.' }),
});

export const importOutput = z
  .object({
    object: z.literal('exchange_rate_import'),
    rates: z.int().meta({ description: 'In the file.' }),
    added: z.int().meta({ description: 'Not known before.' }),
  })
  .meta({ id: 'ExchangeRateImport' });

export const rateOutput = z
  .object({
    id: idOutput('exchangeRate'),
    object: z.literal('exchange_rate'),
    base: z.string(),
    quote: z.string(),
    rate: z.string(),
    spreadPercent: z.string(),
    source: z.string(),
    observedAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    recordedBy: z.string(),
  })
  .meta({ id: 'ExchangeRate' });

export function presentRate(row: RateRow): z.input<typeof rateOutput> {
  const { id, base, quote, rate, spreadPercent, source, recordedBy } = row;
  return {
    id: publicId('exchangeRate', id),
    object: 'exchange_rate',
    ...{ base, quote, rate, spreadPercent, source, recordedBy },
    observedAt: row.observedAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
  };
}

export const newQuote = z.strictObject({
  amount: amountInput,
  currency: currencyInput,
  settleCurrency: currencyInput,
});

export const quoteOutput = z
  .object({
    id: idOutput('exchangeQuote'),
    object: z.literal('exchange_quote'),
    mode: modeField,
    amount: z.string(),
    currency: z.string(),
    settleAmount: z.string().meta({ description: 'What the whole amount becomes, before any fee.' }),
    settleCurrency: z.string(),
    rate: z.string().meta({ description: 'As you get it: units of settleCurrency for one of currency.' }),
    marketRate: z.string().meta({ description: 'Before the spread.' }),
    spreadPercent: z.string(),
    source: z.string(),
    observedAt: z.iso.datetime(),
    status: z.enum(['open', 'locked', 'expired']),
    paymentId: idOutput('payment').nullable().meta({ description: 'The payment it is locked to.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().meta({ description: 'A payment must have begun by then.' }),
  })
  .meta({ id: 'ExchangeQuote' });

export function presentQuote(quote: Quote): z.input<typeof quoteOutput> {
  const pair = { source: quote.from.currency, target: quote.to.currency };
  const isOpen = quote.expiresAt.getTime() > Date.now();
  return {
    id: publicId('exchangeQuote', quote.id),
    object: 'exchange_quote',
    mode: quote.mode,
    amount: formatAmount(quote.from.amount, pair.source),
    currency: pair.source,
    settleAmount: formatAmount(quote.to.amount, pair.target),
    settleCurrency: pair.target,
    rate: showRatio(quote.merchant, pair),
    marketRate: showRatio(quote.market, pair),
    spreadPercent: quote.spreadPercent,
    source: quote.source,
    observedAt: quote.observedAt.toISOString(),
    status: quote.paymentId !== undefined ? 'locked' : isOpen ? 'open' : 'expired',
    paymentId: quote.paymentId === undefined ? null : publicId('payment', quote.paymentId),
    createdAt: quote.createdAt.toISOString(),
    expiresAt: quote.expiresAt.toISOString(),
  };
}
