const { reachThisMachineDirectly } = jest.requireActual<{
  reachThisMachineDirectly: (environment: NodeJS.ProcessEnv) => void;
}>('../../../dev/this-machine');

const here = '127.0.0.1,localhost';

test.each([
  [{}, { no_proxy: here, NO_PROXY: here, no_grpc_proxy: here }],
  [
    { NO_PROXY: 'a.test' },
    { no_proxy: `a.test,${here}`, NO_PROXY: `a.test,${here}`, no_grpc_proxy: `a.test,${here}` },
  ],
  [
    { no_proxy: 'localhost, b.test', NO_PROXY: 'a.test', no_grpc_proxy: 'c.test' },
    {
      no_proxy: 'localhost, b.test,127.0.0.1',
      NO_PROXY: `a.test,${here}`,
      no_grpc_proxy: `c.test,${here}`,
    },
  ],
  // Everything, but only as long as it stands alone; gRPC does not know it.
  [{ no_proxy: '*' }, { no_proxy: '*', NO_PROXY: '*', no_grpc_proxy: `*,${here}` }],
])('what a person reaches without a proxy stays so, and this machine comes to it: %j', (given, expected) => {
  const environment: NodeJS.ProcessEnv = { ...given };
  reachThisMachineDirectly(environment);
  expect(environment).toEqual(expected);
});
