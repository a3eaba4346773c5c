import { z } from 'zod';
import { inPlainWords } from './plain-words';

/**
 * Every setting of every process, read from the environment once, at start.
 * `.env.example` and `docker-compose.yml` are held against this schema by a test.
 */

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().int().positive();
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** `keyId:base64 of 32 bytes`, comma separated; the first encrypts, all decrypt. */
const encryptionKeys = z.string().transform((text, ctx) => {
  const keys = text.split(',').map((part) => {
    const [id = '', material = ''] = part.trim().split(':');
    return { id, key: Buffer.from(material, 'base64') };
  });
  for (const { id, key } of keys) {
    if (!/^[a-z0-9-]{1,32}$/.test(id) || key.length !== 32) {
      ctx.addIssue({
        code: 'custom',
        message: 'wants keyId:base64-of-32-bytes[,…]; make one with: openssl rand -base64 32',
      });
      return z.NEVER;
    }
  }
  return keys;
});

export const settingsSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),

  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: port.default(8080),
  /** How customers, providers and merchants reach this API from outside, without a trailing slash. */
  API_PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
  /** Proxies in front of the API whose X-Forwarded-For is believed: a count, 0 for none. */
  API_TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  API_BODY_BYTES_MAX: positive.default(65_536),
  /** How long a starting process waits for Temporal and its namespace before it gives up. */
  START_WAIT_MS: positive.default(120_000),
  /** How long a stopping process finishes what it has begun. */
  SHUTDOWN_GRACE_MS: positive.default(20_000),

  DATABASE_URL: z.string().startsWith('postgres', 'wants postgres://user:password@host:port/database'),
  /** The owner's address, for migrations; the application's own role may not change tables. */
  DATABASE_OWNER_URL: z.string().startsWith('postgres').optional(),
  DATABASE_POOL_SIZE: positive.default(20),
  DATABASE_STATEMENT_TIMEOUT_MS: positive.default(10_000),

  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('durapay'),
  TEMPORAL_RETENTION_DAYS: positive.default(30),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
  TEMPORAL_TLS: flag.default(false),
  TEMPORAL_API_KEY: z.string().optional(),

  /** Encrypts secrets at rest and Temporal payloads. */
  ENCRYPTION_KEYS: encryptionKeys,
  /** Lets Temporal UI decode payloads through the codec endpoint; unset, the endpoint is off. */
  CODEC_TOKEN: z.string().min(24).optional(),

  /** Set apart installations that share a namespace. */
  TASK_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{0,60}$/, 'wants up to 60 of a to z, 0 to 9 and -')
    .default(''),

  WORKER_VERSIONING: z.enum(['off', 'auto-upgrade', 'pinned']).default('off'),
  WORKER_DEPLOYMENT_NAME: z.string().default('durapay'),
  WORKER_BUILD_ID: z.string().default('dev'),
  /** The bundle made by `npm run build`; unset, the process bundles workflows itself. */
  WORKFLOW_BUNDLE: z.string().optional(),
  /** At least the peak rate of payments × 4 s, plus pollers: with fewer nothing starts eagerly. */
  WORKER_TASK_SLOTS: positive.default(300),
  WORKER_POLLERS: positive.default(5),
  WORKER_CACHED_WORKFLOWS_MAX: positive.default(2_000),
  /** Where a worker shows its health and metrics; port 0 for nowhere. */
  WORKER_METRICS_HOST: z.string().default('127.0.0.1'),
  WORKER_METRICS_PORT: port.default(0),
  /** Temporal UI shows where a workflow waits in its code, and each payment costs some 10 % more CPU: docs/adr/0010. */
  WORKFLOW_CALL_STACKS: flag.default(false),

  /** Past this no first provider call is made for a payment, so that an abandoned request can't charge later. */
  PAYMENT_OPEN_WITHIN_MS: positive.default(30_000),
  /** How long a request waits in the process for its payment's first answer. */
  PAYMENT_ANSWER_WITHIN_MS: positive.default(4_500),
  /** How long a request waits for a workflow to do what it is asked; three tries have to end within a key's lock. */
  COMMAND_ANSWER_WITHIN_MS: positive.max(15_000).default(15_000),
  /** A payment's first step stays so long for news of its channel; 0: not at all, for many API processes (docs/adr/0014). */
  PAYMENT_FIRST_NEWS_WITHIN_MS: z.coerce.number().int().min(0).max(1_000).default(100),
  PAYMENT_FIRST_POLL_MS: positive.default(300_000),
  PAYMENT_POLL_MS_MAX: positive.default(3_600_000),
  /** How long after its end a payment's workflow history is copied to the database. */
  PAYMENT_KEEP_HISTORY_AFTER_MS: positive.default(600_000),
  PAYMENT_EXPIRY_MS: positive.default(1_800_000),
  REFUND_FIRST_POLL_MS: positive.default(60_000),
  REFUND_POLL_MS_MAX: positive.default(3_600_000),
  /** How long a refund waits for a capture that is under way before it is refused. */
  REFUND_WAIT_FOR_CAPTURE_MS: positive.default(600_000),
  /**
   * A refund whose answer was lost is only looked for so long before it is sent again, where the channel knows refunds by
   * their sum alone: a day and an hour, so that a whole closing of the channel's day lies in it.
   */
  REFUND_DOUBT_MS: positive.default(90_000_000),
  /** How long before the end of the time for evidence a merchant who sent none is reminded. */
  DISPUTE_REMIND_BEFORE_MS: positive.default(86_400_000),
  CHANNEL_CONCURRENCY_MAX: positive.default(150),
  CHANNEL_FAST_TIMEOUT_MS: positive.default(3_000),
  CHANNEL_TIMEOUT_MS: positive.default(30_000),

  /** How long calls to third parties are kept, redacted; whole months are dropped. */
  INTEGRATION_LOG_DAYS: positive.default(90),
  /** How often enabled services that were not heard of meanwhile are asked how they are. */
  HEALTH_CHECK_INTERVAL_MS: positive.default(60_000),
  /** When a provider is first asked about a message that it has, or may have. */
  MESSAGE_FIRST_LOOK_MS: positive.default(60_000),
  /** So long it is found out what became of a message that nobody can say was sent; then it is taken as it is. */
  MESSAGE_DOUBT_MS: positive.default(600_000),
  /** Between two tries of a message whose tries are used up. */
  MESSAGE_DEAD_LETTER_RETRY_MS: positive.default(300_000),
  /** How long a message that nobody takes is tried at all: three days. */
  MESSAGE_KEEP_TRYING_MS: positive.default(259_200_000),

  WEBHOOK_SWEEP_AFTER_MS: positive.default(30_000),
  SWEEP_INTERVAL_MS: positive.default(30_000),
  SWEEP_BATCH_MAX: positive.default(500),
  OPEN_PAYMENT_OVERDUE_MS: positive.default(60_000),

  CALLBACK_TIMEOUT_MS: positive.default(10_000),
  CALLBACK_RETRY_FOR_MS: positive.default(259_200_000),
  CALLBACK_RETRY_FIRST_MS: positive.default(5_000),
  CALLBACK_RETRY_MS_MAX: positive.default(14_400_000),
  CALLBACK_CONCURRENCY_PER_ENDPOINT: positive.default(16),
  /** Private address ranges that callbacks may reach all the same, e.g. 127.0.0.0/8 on a developer's machine. */
  CALLBACK_PRIVATE_RANGES_ALLOWED: list.default([]),
  OUTBOX_POLL_MS: positive.default(500),

  /** An exchange rate that was observed longer ago is refused. */
  EXCHANGE_RATE_AGE_MS_MAX: positive.default(86_400_000),
  /** How often sources of rates are asked. */
  EXCHANGE_FETCH_INTERVAL_MS: positive.default(300_000),
  /** Private address ranges that sources of rates may be in all the same. */
  EXCHANGE_PRIVATE_RANGES_ALLOWED: list.default([]),
  /** How long a quote waits for its payment. */
  EXCHANGE_QUOTE_TTL_MS: positive.default(900_000),

  /** How often the ledger's tail is rolled into balances and hashed onto the chain. */
  LEDGER_SEAL_INTERVAL_MS: positive.default(1_000),
  LEDGER_BLOCK_JOURNALS_MAX: positive.max(100_000).default(5_000),
});

export type Settings = z.infer<typeof settingsSchema>;

export class SettingsError extends Error {
  constructor(readonly problems: string[]) {
    super(`Bad settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** All of them, for API and worker. */
export function loadSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  return read(settingsSchema, environment);
}

/** For a command that needs a few: it is not to be given more, the keys least of all. */
export function loadSomeSettings<Name extends keyof Settings>(
  names: readonly Name[],
  environment: NodeJS.ProcessEnv = process.env,
): Pick<Settings, Name> {
  const mask = Object.fromEntries(names.map((name) => [name, true])) as Record<keyof Settings, true>;
  return read(settingsSchema.pick(mask), environment);
}

/** All problems at once: fixing settings one restart at a time is no way to spend an evening. */
function read<Read>(schema: z.ZodType<Read>, environment: NodeJS.ProcessEnv): Read {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return given[name] === undefined
        ? `${name} is not set: .env.example says what it is for`
        : `${name}: ${issue.message}`;
    }),
  );
}
