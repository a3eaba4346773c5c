import type { ChannelRouter, RoutingCandidate, RoutingQuestion } from './contracts';

/** The merchant's own order of preference; the first that fits is tried first, the others stand by. */
export const routeByPreference: ChannelRouter = (question, candidates) => {
  const considered = candidates.map((candidate) => ({
    channelConfigId: candidate.channelConfigId,
    channel: candidate.channel,
    reason: whyNot(question, candidate) ?? 'fits',
  }));
  return {
    chosen: considered
      .filter(({ reason }) => reason === 'fits')
      .map(({ channelConfigId }) => channelConfigId),
    considered,
  };
};

function whyNot(question: RoutingQuestion, candidate: RoutingCandidate): string | undefined {
  if (!candidate.isEnabled) return 'disabled';
  if (question.provider !== undefined && question.provider !== candidate.channel)
    return 'another provider was asked for';
  if (question.method !== undefined && !candidate.methods.includes(question.method))
    return `does not offer ${question.method}`;
  if (question.capture === 'manual' && !candidate.manualCapture)
    return 'does not reserve money for a later capture';
  if (!candidate.currencies.includes(question.currency)) return `does not take ${question.currency}`;
  return undefined;
}
