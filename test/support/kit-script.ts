// Bundles the kit of the test pages into one script: loading and compiling its twelve modules in every page would take
// longer than most tests.
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

const ENTRY = fileURLToPath(new URL('../pages/kit/kit.ts', import.meta.url));

/** Resolves with the source of a module script that defines `kit`. */
export function bundleKit(): Promise<string> {
  return bundlePageScript(ENTRY);
}

/** Bundles a TypeScript module with its imports. Resolves with the source of one module script. */
export async function bundlePageScript(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: entry, output: { codeSplitting: false } },
    },
  });
  const { output } = result as Rolldown.RolldownOutput;
  return output[0].code;
}
