import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { newApiKey } from '../../security/api-keys';
import { keptFile } from './kept-file';
import { postgresHome } from './postgres-home';

/** Made at the first start and kept: with others, what was encrypted yesterday could not be read today. */
export interface StackSecrets {
  encryptionKeys: string;
  codecToken: string;
  demo: {
    apiKey: string;
    operatorKey: string;
  };
}

export function stackSecrets(folder: string): StackSecrets {
  const home = postgresHome(folder);
  return keptFile(path.join(folder, 'secrets.json'), {
    dataFolder: home && path.join(home, 'data'),
    make: () => ({
      encryptionKeys: `dev:${randomBytes(32).toString('base64')}`,
      codecToken: randomBytes(24).toString('hex'),
      demo: {
        apiKey: newApiKey('test').text,
        operatorKey: newApiKey('admin').text,
      },
    }),
  });
}
