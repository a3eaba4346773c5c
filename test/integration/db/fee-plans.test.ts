import { newId } from '../../../db/ids';
import { createPool } from '../../../db/pool';
import { createFeePlan } from '../../../db/stores/fee-plans-store';
import { freshDatabase } from '../../support/database';

test('neither a plan nor a version is ever overwritten, by the owner of the tables either', async () => {
  const fresh = await freshDatabase();
  const owner = createPool({ url: fresh.ownerUrl, size: 1, statementTimeoutMs: 10_000, name: 'owner' });
  try {
    await createFeePlan(owner, {
      id: newId(),
      name: 'Standard',
      scope: { payer: 'merchant', transactionType: 'payment', currency: 'USD' },
      terms: { tiers: [{ fromVolume: '0', percent: '1', fixed: '0' }], refundable: 'none' },
      effectiveFrom: new Date(),
      createdBy: 'test',
    });
    for (const statement of [
      `update fee_plan_versions set terms = '{}'`,
      'delete from fee_plan_versions',
      'truncate fee_plan_versions',
      `update fee_plans set currency = 'EUR'`,
      'delete from fee_plans',
      'truncate fee_plans cascade',
    ]) {
      await expect(owner.query(statement)).rejects.toMatchObject({ code: 'FE001' });
    }
  } finally {
    await owner.end();
    await fresh.drop();
  }
});
