// The kit of the test pages as one script: twelve modules, each asked for and compiled anew with every page, cost more than
// what most tests do.
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

const ENTRY = fileURLToPath(new URL('../pages/kit/kit.ts', import.meta.url));

/** Resolves to the source of a module script that defines `kit`. */
export function bundleKit(): Promise<string> {
  return bundlePageScript(ENTRY);
}

/** `entry`: a module of TypeScript. */
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
