// Lint: strict types everywhere; in the product also the rooms' own globals, their doors, and named exports.
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { GLOBALS } from './scripts/lint/globals.mjs';
import { namedExports } from './scripts/lint/named-exports.mjs';
import { roomImports } from './scripts/lint/room-imports.mjs';
import { DOORS, PACKAGES } from './scripts/lint/rooms.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

const peerport = { rules: { 'room-imports': roomImports, 'named-exports': namedExports } };

export default defineConfig(
  globalIgnores(['dist/', 'artifacts/', 'test-results/', 'playwright-report/']),
  // Outside of tsconfig.json, so ESLint has no types for them.
  globalIgnores(['src/api/public-globals.d.ts', 'test/support/global-program.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { peerport },
    rules: { 'peerport/named-exports': 'error', eqeqeq: ['error', 'always'], 'no-console': 'error' },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // `() => port.close()` reads better than three lines of braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `async` is how a handler that answers at once keeps the promise that its type makes.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts', 'extension/**/*.{ts,tsx}'],
    rules: {
      'peerport/room-imports': ['error', { root, doors: DOORS, packages: PACKAGES }],
      // A good guest logs nothing, and never evaluates text.
      // With `noUncheckedIndexedAccess`, `!` marks what the line above has just established.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-eval': 'error',
      'no-new-func': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
    },
  },
  {
    // Here untyped pages come in: what a type promises may be anything, and PeerJS's own coercions are the contract.
    files: ['src/api/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/class-literal-property-style': 'off',
      // Tables without prototype stand in for Map, which pages patch.
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
  {
    // A page may have replaced the iterator of arrays, too.
    files: ['src/api/**/*.ts', 'src/codec/**/*.ts', 'src/negotiation/**/*.ts', 'src/channel/fifo.ts'],
    rules: { '@typescript-eslint/prefer-for-of': 'off' },
  },
  {
    // Built-ins are taken off their prototypes on purpose.
    files: ['src/api/safe/built-ins.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  { files: ['src/api/safe/logger.ts'], rules: { 'no-console': 'off' } },
  ...Object.entries(GLOBALS).map(([room, names]) => ({
    files: [`${room}/**/*.{ts,tsx}`],
    languageOptions: { globals: names },
    rules: { 'no-undef': 'error' },
  })),
  {
    // Page code inside `evaluate` and node code around it share a file; TypeScript knows the names of both.
    files: ['test/**/*.ts', '*.config.ts'],
    rules: {
      'no-undef': 'off',
      // An index that the test itself has just counted.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // Playwright reads the fixtures that a function wants from its pattern, which may be empty.
      'no-empty-pattern': 'off',
    },
  },
  { files: ['demo/**/*.js', 'bench/pages/**/*.js'], languageOptions: { globals: { ...globals.browser, Peer: false } } },
  {
    files: ['scripts/**/*.mjs', 'bench/**/*.mjs', '*.config.js'],
    languageOptions: { globals: globals.node },
    // Scripts speak to a person in a terminal.
    rules: { 'no-console': 'off' },
  },
  // Code inside `evaluate` runs in the page.
  {
    files: ['scripts/demo/profile.mjs', 'scripts/firefox-profile.mjs'],
    languageOptions: { globals: globals.browser },
  },
  { files: ['*.config.{js,ts}', 'test/soak/playwright.config.ts'], rules: { 'peerport/named-exports': 'off' } },
);
