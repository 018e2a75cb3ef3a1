// No import circles in the product: where two files need each other, neither can be read alone. Type imports count. Which room
// may import which is ESLint's: scripts/lint/.

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    // `#platform/…` is followed into Chrome's form alone: a file of Firefox's form that comes to it may come back to itself.
    {
      name: 'no-circle-in-firefox',
      severity: 'error',
      from: { path: '^extension/platform/firefox/' },
      to: { path: '^extension/platform/chrome/', reachable: true },
    },
    // A path that leads nowhere could hide a circle.
    { name: 'resolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Before compilation, because that drops `import type`.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
