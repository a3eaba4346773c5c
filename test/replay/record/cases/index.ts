import type { RecordingCase } from '../case';
import { callbackCases } from './callback';
import { disputeCases } from './dispute';
import { lateCases } from './late';
import { messageCases } from './message';
import { paymentCases } from './payment';
import { refundCases } from './refund';
import { suspenseCases } from './suspense';
import { sweepCases } from './sweep';

/** Every case there is. A new one goes into its workflow's file, and is recorded with `npm run replay -- --record`. */
export const cases: readonly RecordingCase[] = [
  ...paymentCases,
  ...lateCases,
  ...refundCases,
  ...suspenseCases,
  ...disputeCases,
  ...messageCases,
  ...sweepCases,
  ...callbackCases,
];
