/** The register's own account in the cloud. */
export const account = {
  'connect.key': 'Web API key',
  'connect.keyHint': 'Firebase console, Project settings. An emulator needs none.',
  'account.title': 'Sign-in to the cloud',
  'account.intro':
    'A manager signs this register in once. It gets an account of its own; the manager’s password is kept nowhere.',
  'account.email': 'E-mail of a manager',
  'account.password': 'Password',
  'account.register': 'Name of this register',
  'account.registerHint':
    'What the shop calls it: “Till 2”, “Bar”. It stands in the cloud and on receipts.',
  'account.do': 'Sign in and enrol this register',
  'account.busy': 'Signing in…',
  'account.unreachable':
    'Firebase cannot be reached. Nobody was signed in; sales are safe on this register. Check the network and try again.',
  'account.trouble':
    'Firebase is in trouble, or refuses this. Nobody was signed in; sales are safe on this register. Try again in a few minutes; if it stays, check project and store.',
  'account.disabled':
    'This manager’s account is disabled. Nobody was signed in; sales are safe on this register. Have it enabled in the Firebase console, or sign in as another manager.',
  'account.noManager':
    'This account is no manager of this store. Nobody was signed in; sales are safe on this register. Sign in as a manager, or check which store this register is connected to.',
  'account.done': '{name} is signed in. Sales go up by themselves.',
  'account.ended': 'The account that it had before has no access any more.',
  'account.still':
    'An account that this register had before may still have access: {because} Where no till uses it, delete {path} in the Firebase console.',
  'account.still.otherStore': 'it is one of the store {store}, where this manager is nobody.',
  'account.still.otherRegister':
    'it is one of another register, such as this one was before it took a new identity.',
  'account.still.notAllowed': 'the cloud does not let this manager end it.',
  'account.still.unreachable': 'the cloud cannot be asked now; the next sign-in tries it again.',
  'account.as': 'Signed in as {email}, by {by}.',
  'account.its': 'This register’s account: {email}',
  'account.uid': 'Its user UID in the Firebase console: {uid}',
  'account.member': 'Its place among the members of the store: {path}',
  'account.unreadable':
    'What this computer keeps of the sign-in cannot be read, so it is not used. A new sign-in takes its place; the account before it stays a member of the store until somebody removes it in the Firebase console.',
  'account.keychain': 'Its key lies in the keychain of this computer.',
  'account.file':
    'This computer has no keychain: the key lies in a file that only its owner may read: {file}',
  'account.out': 'Sign out',
  'account.outTitle': 'Sign out although sales wait?',
  'account.outWaiting': {
    one: '{n} sale or decision of this register is not in the cloud yet.',
    other: '{n} sales and decisions of this register are not in the cloud yet.',
  },
  'account.outSafe':
    'Nothing is lost: all of it is safe on this register, and goes up when somebody signs in again.',
  'account.outAnyway': 'Sign out all the same',
  'account.outDone': 'This register is signed out. Sales are kept here.',
  'disconnect.heading': 'Connection',
  'disconnect.now': 'Sales go up to the store “{store}” in {project}.',
  'disconnect.do': 'Disconnect…',
  'disconnect.title': 'Disconnect from “{store}”?',
  'disconnect.waiting': {
    one: '{n} sale or decision of this register is not in the cloud yet. It would stay on this register.',
    other:
      '{n} sales and decisions of this register are not in the cloud yet. They would stay on this register.',
  },
  'disconnect.safe':
    'From then on sales stay on this register, and nothing goes up until somebody connects it again. Selling goes on.',
  'disconnect.confirm': 'Disconnect',
  'disconnect.anyway': 'Disconnect all the same',
  'disconnect.stay': 'Stay connected',
  'disconnect.done': 'Disconnected. Sales stay on this register.',
  'disconnect.was':
    'Somebody has disconnected this register from the store “{store}”. What waits goes up when it is connected again.',
} as const;
