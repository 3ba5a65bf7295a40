import type { Translated } from '../message';
import type { account as english } from '../en/account';

/** Das eigene Konto der Kasse in der Cloud. */
export const account: Translated<typeof english> = {
  'connect.key': 'Web-API-Schlüssel',
  'connect.keyHint': 'Firebase-Konsole, Projekteinstellungen. Ein Emulator braucht keinen.',
  'account.title': 'Anmeldung an der Cloud',
  'account.intro':
    'Die Leitung meldet diese Kasse einmal an. Sie bekommt ein eigenes Konto; das Passwort der Leitung wird nirgends aufbewahrt.',
  'account.email': 'E-Mail der Leitung',
  'account.password': 'Passwort',
  'account.do': 'Anmelden und diese Kasse aufnehmen',
  'account.busy': 'Wird angemeldet…',
  'account.done': 'Diese Kasse ist angemeldet. Verkäufe gehen von selbst hinauf.',
  'account.as': 'Angemeldet als {email}, von {by}.',
  'account.keychain': 'Der Schlüssel liegt im Schlüsselbund dieses Rechners.',
  'account.file':
    'Dieser Rechner hat keinen Schlüsselbund: Der Schlüssel liegt in einer Datei, die nur ihr Eigentümer lesen darf: {file}',
  'account.out': 'Abmelden',
  'account.outTitle': 'Abmelden, obwohl Verkäufe warten?',
  'account.outWaiting': {
    one: '{n} Verkauf oder Entscheidung dieser Kasse ist noch nicht in der Cloud.',
    other: '{n} Verkäufe und Entscheidungen dieser Kasse sind noch nicht in der Cloud.',
  },
  'account.outSafe':
    'Nichts geht verloren: Alles ist auf dieser Kasse sicher und geht hinauf, sobald sich wieder jemand anmeldet.',
  'account.outAnyway': 'Trotzdem abmelden',
  'account.outDone': 'Diese Kasse ist abgemeldet. Verkäufe bleiben hier.',
};
