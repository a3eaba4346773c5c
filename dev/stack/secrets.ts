import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newApiKey } from '../../security/api-keys';

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
  const file = path.join(folder, 'secrets.json');
  if (!existsSync(file)) {
    const secrets: StackSecrets = {
      encryptionKeys: `dev:${randomBytes(32).toString('base64')}`,
      codecToken: randomBytes(24).toString('hex'),
      demo: {
        apiKey: newApiKey('test').text,
        operatorKey: newApiKey('admin').text,
      },
    };
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as StackSecrets;
}
