/**
 * The window in a plain browser, over a fake shell: for looking at screens while they are drawn.
 * `?scene=setup|till|quiet|local|offline|blocked`, `&theme=dark`, `&locale=de`, `&density=glove`.
 * Served by `npm run dev` at /tests/preview/, never part of the product.
 */
import { mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import { FakeShell } from './shell';

const query = new URLSearchParams(location.search);
mockWindows('main');
const shell = new FakeShell(query);
mockIPC((command, args) => shell.invoke(command, args as Record<string, unknown>), {
  shouldMockEvents: true,
});
Object.assign(window, { shell });
await import('../../src/main');
