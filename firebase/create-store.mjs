// Founds a store: signs its owner in and creates the store and the owner's membership in one commit, as the rules ask.
// Run again with the same answers it changes nothing.
//
//   COUNTERFOIL_PASSWORD=… node create-store.mjs --project ID --key WEB_API_KEY --email OWNER --store ID --name "Corner shop" --currency EUR
//
// The owner's account must be there (Firebase console, Authentication, Add user). With FIREBASE_AUTH_EMULATOR_HOST and
// FIRESTORE_EMULATOR_HOST set, the emulators are asked instead of Google.

import { parseArgs } from "node:util";

const names = ["project", "key", "email", "store", "name", "currency"];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
const missing = names.filter((name) => !values[name]).map((name) => `--${name}`);
const password = process.env.COUNTERFOIL_PASSWORD;
if (!password) missing.push("COUNTERFOIL_PASSWORD");
if (missing.length > 0) stop(`Missing: ${missing.join(", ")}`);
if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(values.store)) stop("A store's id has letters, digits, - and _ only.");
if (!/^[A-Z]{3}$/.test(values.currency)) stop("A currency is a code of three capitals, such as EUR.");

const auth = server("FIREBASE_AUTH_EMULATOR_HOST", "identitytoolkit.googleapis.com", "/identitytoolkit.googleapis.com");
const firestore = server("FIRESTORE_EMULATOR_HOST", "firestore.googleapis.com", "");

const signedIn = await post(`${auth}/v1/accounts:signInWithPassword?key=${encodeURIComponent(values.key)}`, {
  email: values.email,
  password,
  returnSecureToken: true,
});
if (!signedIn.ok) stop(`The owner cannot sign in: ${signedIn.why}`);
const { localId: uid, idToken: token } = signedIn.body;

const database = `projects/${values.project}/databases/(default)`;
const path = `${database}/documents/stores/${values.store}`;
const shared = { schema: { integerValue: "1" }, storeId: text(values.store) };
const founded = await post(
  `${firestore}/v1/${database}/documents:commit`,
  {
    writes: [
      create(path, { ...shared, name: text(values.name), currency: text(values.currency), ownerUid: text(uid) }),
      create(`${path}/members/${uid}`, {
        ...shared,
        role: text("owner"),
        name: text(values.email),
        registerIds: { arrayValue: {} },
      }),
    ],
  },
  token,
);
if (founded.ok) {
  console.log(`Store ${values.store} is founded; its owner is ${values.email} (${uid}).`);
} else if (await isMine()) {
  console.log(`Store ${values.store} was there already; its owner is ${values.email} (${uid}).`);
} else {
  stop(`The store was not founded: ${founded.why}. Another owner may have this id, or the rules are not deployed.`);
}

/** Whether the store is there with this owner. */
async function isMine() {
  const answer = await fetch(`${firestore}/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.ok && (await answer.json()).fields?.ownerUid?.stringValue === uid;
}

/** A write that creates a document and lets the server set its time. */
function create(name, fields) {
  return {
    update: { name, fields },
    updateTransforms: [{ fieldPath: "createdAt", setToServerValue: "REQUEST_TIME" }],
    currentDocument: { exists: false },
  };
}

function text(value) {
  return { stringValue: value };
}

function server(variable, google, prefix) {
  const emulator = process.env[variable];
  return emulator ? `http://${emulator}${prefix}` : `https://${google}`;
}

async function post(url, body, bearer) {
  const headers = { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json();
  return { ok: answer.ok, body: said, why: said.error?.message ?? answer.statusText };
}

function stop(why) {
  console.error(why);
  process.exit(1);
}
