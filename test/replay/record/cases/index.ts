import type { RecordingCase } from '../case';
import { attemptCases } from './attempts';
import { callbackCases } from './callback';
import { disputeCases } from './dispute';
import { lateCases } from './late';
import { messageCases } from './message';
import { noChannelCases } from './no-channel';
import { pauseCases } from './pause';
import { paymentCases } from './payment';
import { refundCases } from './refund';
import { refundDoubtCases } from './refund-doubts';
import { reservationCases } from './reservations';
import { reviewCases } from './review';
import { suspenseCases } from './suspense';
import { sweepCases } from './sweep';
import { unbegunCases } from './unbegun';

/** Every case there is. A new one goes into its workflow's file, or that of what it is about, and is recorded with `npm run replay -- --record`. */
export const cases: readonly RecordingCase[] = [
  ...paymentCases,
  ...attemptCases,
  ...reservationCases,
  ...noChannelCases,
  ...reviewCases,
  ...pauseCases,
  ...unbegunCases,
  ...lateCases,
  ...refundCases,
  ...refundDoubtCases,
  ...suspenseCases,
  ...disputeCases,
  ...messageCases,
  ...sweepCases,
  ...callbackCases,
];
