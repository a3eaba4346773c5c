import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks go through the codec as well: without this they stand in clear in every history. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
