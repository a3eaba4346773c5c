import { stackEnvironment } from '../../../dev/stack/stack-environment';
import { portsFromEnvironment } from '../../../dev/stack/stack-ports';

const ports = portsFromEnvironment({});
const secrets = { encryptionKeys: '', codecToken: '', demo: { apiKey: '', operatorKey: '' } };
const ofThePerson = {
  PGSSLMODE: 'require',
  PGOPTIONS: '-c search_path=mine',
  TEMPORAL_TLS: 'true',
  TEMPORAL_API_KEY: 'of the cloud',
  LOG_LEVEL: 'warn',
};
const before = { ...process.env };

beforeEach(() => Object.assign(process.env, ofThePerson));
afterEach(() => {
  process.env = { ...before };
});

test("what a shell says of its person's own servers is not about the embedded ones; all else holds", () => {
  const environment = stackEnvironment({ ports, secrets });
  expect(environment).toMatchObject({ TEMPORAL_TLS: 'false', TEMPORAL_ADDRESS: '127.0.0.1:7233' });
  expect(environment.TEMPORAL_API_KEY).toBeUndefined();
  expect(Object.keys(environment).filter((name) => name.startsWith('PG'))).toEqual([]);
  expect(environment.LOG_LEVEL).toBe('warn');
});

test('a Temporal server that was named is reached as the shell says', () => {
  expect(stackEnvironment({ ports, secrets, temporalAddress: 'far.test:7233' })).toMatchObject({
    TEMPORAL_ADDRESS: 'far.test:7233',
    TEMPORAL_TLS: 'true',
    TEMPORAL_API_KEY: 'of the cloud',
  });
});
