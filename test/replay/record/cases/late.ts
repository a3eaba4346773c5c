import { openPage, press } from '../../../../dev/demo/parties/customer';
import { openShop } from '../../../../dev/demo/parties/merchant';
import { workflowNames } from '../../../../workflows/contracts';
import type { RecordingCase } from '../case';
import { begunWorkflow, reaches, orderTea, presses } from '../shop';

const shortly = { config: { expiresInSeconds: 4 } };

export const lateCases: readonly RecordingCase[] = [
  {
    name: 'late/money-after-expiry',
    async play(stage) {
      await stage.fault({ kind: 'allow_late_payment' });
      const merchant = await openShop(stage, shortly);
      const payment = await orderTea(stage, merchant);
      const page = await stage.step('customer', 'opens the page', (signal) =>
        openPage(payment.nextAction?.url ?? '', signal),
      );
      await reaches(stage, merchant, payment, 'expired');
      const since = new Date();
      await stage.step('customer', 'presses "Pay" all the same', (signal) => press(page, 'Pay', signal));
      return begunWorkflow(stage, workflowNames.late, since);
    },
  },
  {
    name: 'late/decline-after-expiry',
    async play(stage) {
      await stage.fault({ kind: 'webhook_delayed', ms: 8_000 });
      const since = new Date();
      const merchant = await openShop(stage, shortly);
      const payment = await orderTea(stage, merchant);
      await presses(stage, merchant, payment, 'Decline');
      await reaches(stage, merchant, payment, 'expired');
      return begunWorkflow(stage, workflowNames.late, since);
    },
  },
];
