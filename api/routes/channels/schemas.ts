import { z } from 'zod';
import type { ChannelVersionRow } from '../../../db/stores/channel-versions-store';
import type { TurnRow } from '../../../db/stores/channel-facts-store';
import { secretFieldsOf, type CredentialField } from '../../../domain/channel/credentials';
import type { ConfigDocument } from '../../../domain/config/document';
import { splitSecrets } from '../../../domain/config/secrets';
import { publicId } from '../../../domain/ids';
import { formatAmount } from '../../../domain/money/amount';
import { paymentMethods } from '../../../domain/payment/request';
import type { ChannelFacts } from '../../../domain/routing/contracts';
import { successRate } from '../../../domain/routing/score';
import { amountInput, amountOutput, currencyInput } from '../../schemas/amount';
import { basedOnVersion, changeReason } from '../../schemas/config-version';
import { channelName } from '../../schemas/channel-name';
import { credentialAgeOutput, presentCredentialAge } from '../../schemas/credential-age';
import { idInPath, idOutput } from '../../schemas/ids';
import { modeField } from '../../schemas/mode';

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'wants a time of day in UTC, HH:MM');
const moment = z.iso.datetime({ offset: true });

const maintenance = z
  .array(
    z.union([
      z.strictObject({ from: moment, until: moment }),
      z.strictObject({ dailyFrom: timeOfDay, dailyUntil: timeOfDay }),
    ]),
  )
  .max(50)
  .meta({ description: 'Once, between two moments, or every day between two times (UTC).' });

const settings = {
  name: z.string().trim().min(1).max(100),
  baseUrl: z.url({ protocol: /^https?$/ }).max(2_048),
  currencies: z.array(currencyInput).min(1).max(200),
  methods: z.array(z.enum(paymentMethods)).min(1).max(20).nullable().default(null).meta({
    description: 'null: all that the channel offers.',
  }),
  limits: z
    .record(
      z.string().regex(/^[A-Z0-9]{3,10}$/, 'wants a currency in capitals, such as USD'),
      z.strictObject({
        min: amountInput.optional(),
        max: amountInput.optional(),
        perDay: amountInput.optional(),
      }),
    )
    .default({})
    .meta({
      description: 'By currency: the smallest and the largest payment, and what is taken in a day (UTC).',
    }),
  weight: z.int().min(0).max(1_000).default(100),
  priority: z.int().min(0).max(1_000).default(100).meta({ description: 'Lower comes first.' }),
  maintenance: maintenance.default([]),
  webhookIpsAllowed: z
    .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]))
    .max(200)
    .default([])
    .meta({ description: 'Where its webhooks may come from; empty: anywhere, if the signature is right.' }),
  reason: changeReason,
};
const credentials = z.record(z.string().max(60), z.string().max(8_192));

export const newChannel = z
  .strictObject({
    channel: channelName.meta({ examples: ['kpay'] }),
    mode: modeField,
    credentials,
    isEnabled: z.boolean().default(true),
    ...settings,
  })
  .meta({ id: 'NewChannel' });

export const changedChannel = z
  .strictObject({
    version: basedOnVersion,
    credentials: credentials.optional().meta({
      description: 'Left out: as they are. A secret that is sent back as its mask is not changed.',
    }),
    isEnabled: z.boolean().optional(),
    ...settings,
  })
  .meta({ id: 'ChangedChannel' });

export const switchInput = z
  .strictObject({
    to: z.enum(['on', 'off', 'drain']).meta({
      description:
        'off: no new charge goes there. drain: nothing new, but what has begun may still go there.',
    }),
    reason: z.string().trim().min(1).max(500),
    version: basedOnVersion,
  })
  .meta({ id: 'SwitchChannel' });

export const channelParams = z.strictObject({ id: idInPath('channelConfig') });

export const channelOutput = z
  .object({
    object: z.literal('channel'),
    id: idOutput('channelConfig'),
    version: z.int(),
    channel: z.string(),
    mode: z.string(),
    name: z.string(),
    baseUrl: z.string(),
    credentials: z.record(z.string(), z.string()).meta({ description: 'Secrets are masked.' }),
    credentialAge: credentialAgeOutput,
    currencies: z.array(z.string()),
    methods: z.array(z.string()).nullable(),
    limits: z.record(
      z.string(),
      z.object({ min: amountOutput, max: amountOutput, perDay: amountOutput }).partial(),
    ),
    weight: z.int(),
    priority: z.int(),
    maintenance: z.array(z.record(z.string(), z.string())),
    webhookIpsAllowed: z.array(z.string()),
    isEnabled: z.boolean(),
    switched: z.string(),
    health: z.object({
      isAiling: z.boolean().meta({ description: 'It stands behind those that work.' }),
      breaker: z.string().meta({ description: 'In the process that answers.' }),
      calls: z.int().meta({ description: 'Of the last five minutes, as everything here.' }),
      failed: z.int(),
      latencyMs: z.int(),
      successRate: z.number(),
    }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Channel' });

export const turnOutput = z
  .object({ at: z.iso.datetime(), isAiling: z.boolean(), why: z.string() })
  .meta({ id: 'ChannelTurn' });

export function presentTurn({ at, isAiling, why }: TurnRow): z.input<typeof turnOutput> {
  return { at: at.toISOString(), isAiling, why };
}

/** Without its adapter nobody knows which credentials are secret: then all of them are. */
export function secretsOf(fields: readonly CredentialField[] | undefined): string[] {
  return fields === undefined ? ['credentials'] : secretFieldsOf(fields);
}

export function presentChannel(
  { id, version, document, credentialsSince, createdAt, updatedAt }: ChannelVersionRow,
  fields: readonly CredentialField[] | undefined,
  facts: ChannelFacts | undefined,
): z.input<typeof channelOutput> {
  const { masked } = splitSecrets(document as unknown as ConfigDocument, secretsOf(fields));
  const shown = Object.entries(document.limits).map(([currency, limit]) => [
    currency,
    Object.fromEntries(
      Object.entries(limit).map(([what, minor]) => [what, formatAmount(BigInt(minor as string), currency)]),
    ),
  ]);
  return {
    ...document,
    object: 'channel',
    id: publicId('channelConfig', id),
    version,
    credentials: masked['credentials'] as Record<string, string>,
    credentialAge: presentCredentialAge(credentialsSince, new Date()),
    limits: Object.fromEntries(shown) as z.input<typeof channelOutput>['limits'],
    health: {
      isAiling: facts?.isAiling === true,
      breaker: facts?.breaker ?? 'closed',
      calls: facts?.calls ?? 0,
      failed: facts?.failed ?? 0,
      latencyMs: Math.round(facts?.latencyMs ?? 0),
      successRate: Math.round(successRate(facts) * 1_000) / 1_000,
    },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
