// Firebase's Auth emulator on a free port, which it prints. It ends when its standard input does, so it never outlives
// whoever started it. Of firebase-tools it takes the emulator alone: the program around it would open two more ports,
// look for a newer version of itself and ask for a login.
//
//   node auth-emulator.mjs PROJECT

import { createRequire } from "node:module";

const [project] = process.argv.slice(2);
if (!project?.startsWith("demo-")) {
  console.error("node auth-emulator.mjs PROJECT, where PROJECT begins with demo-");
  process.exit(2);
}
const { createApp } = createRequire(import.meta.url)("firebase-tools/lib/emulator/auth/server");

const server = (await createApp(project)).listen(0, "127.0.0.1", () => {
  console.log(server.address().port);
});
process.stdin.on("end", () => process.exit()).resume();
