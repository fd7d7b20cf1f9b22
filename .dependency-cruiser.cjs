/** Who may import whom: an allow-list, each room with what it may reach (see the map in README). */
const NPM = 'node_modules|^(react|electron|zod)$';
const allow = [
  { room: '^contract/', may: '^contract/' },
  { room: '^renderer/', may: '^(renderer|contract)/' },
  { room: '^drivers/common/', may: '^(drivers/common|contract)/' },
  { room: '^drivers/([^/]+)/', may: '^(drivers/common|drivers/$1|contract)/' },
  { room: '^drivers/[^/]+\\.ts$', may: '^(drivers|contract)/' },
  { room: '^main/common/', may: '^(main/common|contract)/' },
  { room: '^main/service/', may: '^main/(service|common)/|^contract/|^drivers/index\\.ts$' },
  { room: '^main/shell/', may: '^main/(shell|common)/|^contract/' },
  { room: '^gateway/', may: '^(gateway|contract)/' },
  { room: '^image/setup\\.mjs$', may: '^$' },
  { room: '^image/', may: '^(image|contract)/' },
];

const forbidden = [
  { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ...allow.map(({ room, may }) => ({
    name: `room ${room}`,
    severity: 'error',
    from: { path: room },
    to: { pathNot: [may, NPM], dependencyTypesNot: ['core'] },
  })),
  {
    name: 'contract-is-pure',
    severity: 'error',
    from: { path: '^contract/' },
    to: { pathNot: ['^contract/', 'node_modules/zod'] },
  },
  {
    name: 'renderer-has-no-node',
    severity: 'error',
    from: { path: '^renderer/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'electron-only-in-shell',
    severity: 'error',
    from: { pathNot: '^(main/shell|tests)/' },
    to: { path: '^electron$|node_modules/electron/' },
  },
  {
    name: 'simulators-know-no-driver',
    severity: 'error',
    from: { path: '^tests/simulators/' },
    to: { path: '^(drivers|main|gateway|renderer)/' },
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
