import { newId } from '../../db/ids';
import type { Database } from '../../db/pool';
import { putApiKey } from '../../db/stores/api-keys-store';
import type { Scope } from '../../db/scope';
import { newApiKey } from '../../security/api-keys';

/** The id of a new key, an operator's unless it is said whose. */
export async function keyIn(database: Database, owner: Scope = { role: 'admin' }): Promise<string> {
  const key = newApiKey(owner.role === 'admin' ? 'admin' : owner.mode);
  const { id } = await putApiKey(database, {
    ...{ id: newId(), owner, prefix: key.prefix, secretHash: key.hash },
  });
  return id;
}
