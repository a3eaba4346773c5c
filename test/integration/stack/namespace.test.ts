import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { prepareNamespace, SEARCH_ATTRIBUTES } from '../../../workers/namespace';
import { temporalAddress } from '../../support/temporal';

test('a namespace that a server was just asked for in vain is made with its search attributes, by two at once', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  try {
    const options = { namespace: `fresh-${randomUUID()}`, retentionDays: 3 };
    await Promise.all([prepareNamespace(connection, options), prepareNamespace(connection, options)]);
    const { customAttributes } = await connection.operatorService.listSearchAttributes(options);
    expect(Object.keys(customAttributes ?? {}).sort()).toEqual(Object.keys(SEARCH_ATTRIBUTES).sort());
  } finally {
    await connection.close();
  }
});
