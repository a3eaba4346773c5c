import { makePlan } from '../../faults/make-plan';

it('the same seed gives the same plan, and another one another', () => {
  const plan = makePlan(7, 2_000);
  expect(makePlan(7, 2_000)).toEqual(plan);
  expect(makePlan(8, 2_000).disruptions).not.toEqual(plan.disruptions);
});

it('every kind of disruption is in a run of the usual length, and kills are aimed at orders that begin with them', () => {
  const { disruptions, stories, operations, storiesPerDisruption } = makePlan(1, 2_000);
  expect(operations).toBeGreaterThanOrEqual(2_000);
  expect(new Set(disruptions.map(({ kind }) => kind)).size).toBe(7);
  const kills = disruptions.filter(({ kind }) => kind === 'kill');
  expect(new Set(kills.map((kill) => JSON.stringify({ ...kill, orderId: undefined }))).size).toBe(18);
  const places = disruptions.flatMap(({ orderId }, turn) =>
    orderId === undefined ? [] : [{ turn, at: stories.findIndex((story) => story.orderId === orderId) }],
  );
  expect(places.length).toBeGreaterThan(20);
  for (const { turn, at } of places) {
    expect(at).toBeGreaterThanOrEqual(Math.floor((turn + 1) * storiesPerDisruption));
    expect(at).toBeLessThan(Math.floor((turn + 2) * storiesPerDisruption));
  }
});

it.each([300, 2_000, 10_000])('leaves turns for what did not strike in %d operations', (operations) => {
  const { disruptions, stories, storiesPerDisruption } = makePlan(1, operations);
  const turns = Math.floor(stories.length / storiesPerDisruption) - 1;
  expect(turns).toBeGreaterThanOrEqual(Math.ceil(disruptions.length * 1.15));
});
