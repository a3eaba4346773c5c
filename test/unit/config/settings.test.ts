import { loadSettings, SettingsError, settingsSchema } from '../../../config/settings';

const needed = {
  DATABASE_URL: 'postgres://127.0.0.1/durapay',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
};

function problems(environment: NodeJS.ProcessEnv): string[] {
  try {
    loadSettings({ ...needed, ...environment });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

test('what is wrong is said plainly, all of it at once', () => {
  expect(
    problems({
      LOG_LEVEL: 'loud',
      API_PORT: '65536',
      API_PUBLIC_URL: 'here',
      TEMPORAL_TLS: 'yes',
      CODEC_TOKEN: 'short',
      TASK_QUEUE_PREFIX: 'A',
      WORKER_TASK_SLOTS: '0',
      WORKER_POLLERS: '1.5',
      PAYMENT_EXPIRY_MS: 'x',
      DATABASE_URL: '',
    }),
  ).toEqual([
    'LOG_LEVEL: wants one of fatal, error, warn, info, debug, trace, silent',
    'API_PORT: wants at most 65535',
    'API_PUBLIC_URL: wants an address, such as https://example.com',
    'DATABASE_URL is not set: .env.example says what it is for',
    'TEMPORAL_TLS: wants one of true, false',
    'CODEC_TOKEN: wants at least 24 characters',
    'TASK_QUEUE_PREFIX: wants up to 60 of a to z, 0 to 9 and -',
    'WORKER_TASK_SLOTS: wants more than 0',
    'WORKER_POLLERS: wants a whole number',
    'PAYMENT_EXPIRY_MS: wants a whole number',
  ]);
});

test.each(Object.keys(settingsSchema.shape))('%s never speaks the words of the library', (name) => {
  const said = ['x', '0', '-1', '1.5', '1e400', ' ', '\u00e9', 'x'.repeat(1_000)].flatMap((value) =>
    problems({ [name]: value }),
  );
  expect(
    said.filter((text) => /Invalid |Too (big|small)|\bexpected\b|another form|undefined|NaN/.test(text)),
  ).toEqual([]);
});
