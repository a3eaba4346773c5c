import { ApplicationFailure, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import type { ChannelError } from '../../domain/payment/outcome';
import type { PaymentState } from '../../domain/payment/state';
import { refusalOf, type RefusedBecause } from '../../domain/payment/command';
import { waitsForChannel } from '../../domain/payment/no-channel';
import { updateNames, type Command, type CommandRefusal } from '../contracts';

const commandUpdate = defineUpdate<PaymentState, [Command]>(updateNames.command);

export interface Asked {
  command: Command;
  /** Which attempt the payment stood on when it was asked; left out by one that came before the payment was read. */
  onAttempt?: number;
  done(state: PaymentState): void;
  refuse(refusal: CommandRefusal): void;
}

/**
 * What people ask of a running payment: one command after the other, in the order in which they came. What can't
 * be is refused before it is accepted, and then leaves no trace in the history.
 */
export function receiveCommands(stateNow: () => PaymentState | 'opening' | 'ended'): Asked[] {
  const waiting: Asked[] = [];
  setHandler(
    commandUpdate,
    async (command) => {
      let state: PaymentState | undefined;
      let refusal: CommandRefusal | undefined;
      const before = stateNow();
      const onAttempt = typeof before === 'string' ? undefined : before.attemptNo;
      waiting.push({
        command,
        onAttempt,
        done: (after) => (state = after),
        refuse: (why) => (refusal = why),
      });
      await condition(() => state !== undefined || refusal !== undefined);
      if (refusal !== undefined || state === undefined) throw refused(refusal ?? { code: 'payment_closed' });
      return state;
    },
    {
      validator(command: Command) {
        const state = stateNow();
        // One that comes with the first task of a resumed run waits until the payment is read.
        if (state === 'opening') return;
        const code = state === 'ended' ? 'payment_in_doubt' : refusalNow(state, command);
        if (code !== undefined) throw refused({ code });
      },
    },
  );
  return waiting;
}

/** What the state forbids, and what was meant only for a payment that waits for a channel. */
export function refusalNow(state: PaymentState, command: Command): RefusedBecause | undefined {
  const code = refusalOf(state, command.kind);
  const isForQueue = command.kind === 'cancel' && command.isQueued === true;
  return code ?? (isForQueue && !waitsForChannel(state) ? 'not_in_queue' : undefined);
}

/** A plain error in a handler would fail the workflow's task for ever. */
function refused({ code, error }: CommandRefusal): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'CommandRefused',
    message: error?.message ?? code,
    details: [{ code, error } satisfies { code: string; error?: ChannelError }],
    nonRetryable: true,
  });
}
