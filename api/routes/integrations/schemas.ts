import { z } from 'zod';
import { idPrefixes, parsePublicId, publicId } from '../../../domain/ids';
import { usualRetryPolicy } from '../../../domain/config/retry-policy';
import type { ListedService } from '../../../db/read-models/service-list';
import { serviceTypes } from '../../../integrations/services/service-adapter';
import { usualTerms, type Registry } from '../../../integrations/registry';
import type { ServiceAdapters } from '../../../integrations/services/adapters';
import { issueWith } from '../../middleware/validate';
import { basedOnVersion, changeReason } from '../../schemas/config-version';
import { credentialAgeOutput, presentCredentialAge } from '../../schemas/credential-age';
import { limitQuery } from '../../schemas/list';

const idPattern = `^(${idPrefixes.service}|${idPrefixes.channelConfig})_[0-9a-f]{32}$`;

/** A service's id, or that of a channel shown among them; their uuids never meet. */
function serviceUuid(text: string): string | undefined {
  return parsePublicId('service', text) ?? parsePublicId('channelConfig', text);
}

export const serviceInPath = z
  .string()
  .meta({ pattern: idPattern })
  .transform((text, ctx) => {
    const uuid = serviceUuid(text);
    if (uuid !== undefined) return uuid;
    ctx.addIssue(issueWith('not_found'));
    return z.NEVER;
  });

export const serviceInput = z
  .string()
  .meta({ pattern: idPattern })
  .transform((text, ctx) => {
    const uuid = serviceUuid(text);
    if (uuid !== undefined) return uuid;
    ctx.addIssue(
      issueWith('parameter_invalid', 'The id of a service looks like svc_ or chc_ and 32 hex digits.'),
    );
    return z.NEVER;
  });

export const serviceParams = z.strictObject({ id: serviceInPath });

const serviceType = z.enum(serviceTypes);

const timeoutMs = z.int().min(100).max(120_000);

const retryPolicy = z.strictObject({
  triesMax: z.int().min(1).max(10).default(3),
  firstDelayMs: z.int().min(10).max(600_000).default(1_000),
  backoffFactor: z.number().min(1).max(10).default(2),
  delayMsMax: z.int().min(10).max(3_600_000).default(60_000),
});

const limits = z
  .strictObject({
    perSecond: z.number().positive().max(100_000).optional(),
    burst: z.int().positive().max(100_000).optional(),
    perHour: z.int().positive().max(1_000_000_000).optional(),
    perDay: z.int().positive().max(1_000_000_000).optional(),
  })
  .meta({ description: 'How much the provider may be asked; what is absent is not limited.' });

const healthCheckEndpoint = z
  .url({ protocol: /^https?$/, error: 'wants an http or https address' })
  .max(2_048)
  .nullable();

const configurations = z.record(z.string().max(100), z.unknown()).meta({
  description: 'What the kind wants: `GET /integrations/service-kinds` has the schema of each.',
});

export const newService = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_-]{1,99}$/,
      'wants 2 to 100 of the characters A–Z a–z 0–9 _ -, a letter first',
    )
    .meta({ description: 'What preference lists call it, for ever.', examples: ['EMAIL_PROVIDER_PRIMARY'] }),
  serviceType,
  kind: z
    .string()
    .max(40)
    .meta({ examples: ['SENDGRID'] }),
  description: z.string().max(1_000).default(''),
  configurations,
  isEnabled: z.boolean().default(true),
  defaultTimeoutMs: timeoutMs.default(30_000),
  retryPolicy: retryPolicy.prefault({}),
  healthCheckEndpoint: healthCheckEndpoint.default(null),
  limits: limits.optional().meta({ description: "The kind's own, if nothing else is said." }),
  reason: changeReason,
});

export const changedService = z.strictObject({
  description: z.string().max(1_000).default(''),
  configurations: configurations.meta({ description: 'A secret sent as its mask stays as it is.' }),
  isEnabled: z.boolean().optional().meta({ description: 'As it is, if nothing is said.' }),
  defaultTimeoutMs: timeoutMs.default(30_000),
  retryPolicy: retryPolicy.prefault({}),
  healthCheckEndpoint: healthCheckEndpoint.default(null),
  limits: limits.optional(),
  version: basedOnVersion,
  reason: changeReason,
});

export const switchInput = z.strictObject({ version: basedOnVersion, reason: changeReason });

export const servicesQuery = z.strictObject({
  limit: limitQuery,
  startingAfter: serviceInput.optional(),
  type: serviceType.optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
});

export const serviceIdOutput = z.string().meta({ pattern: idPattern });

export const serviceOutput = z
  .object({
    id: serviceIdOutput,
    object: z.literal('service'),
    name: z.string(),
    serviceType: z.string(),
    kind: z.string(),
    apiVersion: z
      .string()
      .nullable()
      .meta({ description: "The version of the provider's API that is spoken." }),
    description: z.string(),
    configurations: z.record(z.string(), z.unknown()).meta({ description: 'Secrets are masked.' }),
    isEnabled: z.boolean(),
    defaultTimeoutMs: z.int().nullable(),
    retryPolicy: z.object({
      triesMax: z.int(),
      firstDelayMs: z.int(),
      backoffFactor: z.number(),
      delayMsMax: z.int(),
    }),
    healthCheckEndpoint: z.string().nullable(),
    limits: z.object({
      perSecond: z.number().optional(),
      burst: z.int().optional(),
      perHour: z.int().optional(),
      perDay: z.int().optional(),
    }),
    health: z
      .object({
        status: z.enum(['healthy', 'unhealthy']),
        since: z.iso.datetime(),
        checkedAt: z.iso.datetime(),
        message: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'As last found; null: never asked, or a kind that can not be asked.' }),
    version: z.int().nullable(),
    credentials: credentialAgeOutput.nullable().meta({ description: 'Of a payment channel.' }),
    managedAt: z.string().nullable().meta({ description: 'Where it is changed, if not here.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Service' });

/** What this build can speak to. */
export interface KnownKinds {
  adapters: Pick<ServiceAdapters, 'find'>;
  registry: Pick<Registry, 'provider'>;
}

export function kindsOf({
  services,
  channels,
}: {
  services: Pick<KnownKinds, 'adapters'>;
  channels: Pick<KnownKinds, 'registry'>;
}): KnownKinds {
  return { adapters: services.adapters, registry: channels.registry };
}

export function presentService(
  row: ListedService,
  { adapters, registry }: KnownKinds,
): z.input<typeof serviceOutput> {
  const times = {
    health: row.health
      ? {
          ...row.health,
          since: row.health.since.toISOString(),
          checkedAt: row.health.checkedAt.toISOString(),
        }
      : null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
  if (row.of === 'channel') {
    const id = publicId('channelConfig', row.id);
    const terms = Object.hasOwn(usualTerms, row.channel) ? usualTerms[row.channel] : undefined;
    return {
      id,
      object: 'service',
      name: row.name,
      serviceType: 'PAYMENT_GATEWAY',
      kind: row.channel.toUpperCase(),
      apiVersion: registry.provider(row.channel)?.apiVersion ?? null,
      description: '',
      configurations: { mode: row.mode },
      isEnabled: row.isEnabled,
      defaultTimeoutMs: terms?.timeoutMs ?? null,
      retryPolicy: terms?.retryPolicy ?? usualRetryPolicy,
      healthCheckEndpoint: null,
      limits: terms?.limits ?? {},
      version: null,
      credentials: presentCredentialAge(row.credentialsSince, new Date()),
      managedAt: `/api/v1/admin/channels/${id}`,
      ...times,
    };
  }
  const { document } = row;
  return {
    id: publicId('service', row.id),
    object: 'service',
    name: document.name,
    serviceType: document.serviceType,
    kind: document.kind,
    apiVersion: adapters.find(document.serviceType, document.kind)?.apiVersion ?? null,
    description: document.description,
    configurations: document.configurations,
    isEnabled: document.isEnabled,
    defaultTimeoutMs: document.defaultTimeoutMs,
    retryPolicy: document.retryPolicy,
    healthCheckEndpoint: document.healthCheckEndpoint,
    limits: document.limits,
    version: row.version,
    credentials: null,
    managedAt: null,
    ...times,
  };
}

export const testInput = z.strictObject({
  recipient: z.string().max(320).optional().meta({
    description:
      'Where a kind that can only be tried with a message sends it: a mail address, a phone number.',
  }),
});

export const testOutput = z
  .object({
    object: z.literal('connection_test'),
    isSuccess: z.boolean(),
    outcome: z.enum(['ok', 'declined', 'retryable', 'unknown', 'misconfigured']),
    code: z.string().nullable(),
    message: z.string().nullable(),
    statusCode: z.int().nullable(),
    durationMs: z.int(),
  })
  .meta({ id: 'ConnectionTest' });

export const kindOutput = z
  .object({
    object: z.literal('service_kind'),
    serviceType,
    kind: z.string(),
    apiVersion: z.string(),
    secretFields: z.array(z.string()),
    configurationSchema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema.' }),
  })
  .meta({ id: 'ServiceKind' });
