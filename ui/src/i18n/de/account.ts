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
  'account.register': 'Name dieser Kasse',
  'account.registerHint':
    'Wie sie im Laden heißt: „Kasse 2“, „Theke“. So steht sie in der Cloud und auf Belegen.',
  'account.do': 'Anmelden und diese Kasse aufnehmen',
  'account.busy': 'Wird angemeldet…',
  'account.unreachable':
    'Firebase ist nicht erreichbar. Niemand wurde angemeldet; Verkäufe sind an dieser Kasse sicher. Das Netz prüfen und noch einmal versuchen.',
  'account.trouble':
    'Firebase ist gestört oder lehnt das ab. Niemand wurde angemeldet; Verkäufe sind an dieser Kasse sicher. In einigen Minuten noch einmal versuchen; bleibt es so, Projekt und Laden prüfen.',
  'account.disabled':
    'Das Konto dieser Leitung ist gesperrt. Niemand wurde angemeldet; Verkäufe sind an dieser Kasse sicher. In der Firebase-Konsole freigeben lassen oder mit dem Konto einer anderen Leitung anmelden.',
  'account.noManager':
    'Dieses Konto gehört nicht zur Leitung dieses Ladens. Niemand wurde angemeldet; Verkäufe sind an dieser Kasse sicher. Mit einem Konto der Leitung anmelden oder prüfen, mit welchem Laden diese Kasse verbunden ist.',
  'account.done': '{name} ist angemeldet. Verkäufe gehen von selbst hinauf.',
  'account.ended': 'Das Konto, das sie vorher hatte, hat keinen Zugang mehr.',
  'account.still':
    'Ein Konto, das diese Kasse vorher hatte, hat vielleicht noch Zugang: {because} Benutzt es keine Kasse, so gehört {path} in der Firebase-Konsole gelöscht.',
  'account.still.otherStore': 'Es gehört zum Laden {store}, in dem diese Leitung niemand ist.',
  'account.still.otherRegister':
    'Es gehört zu einer anderen Kasse, etwa zu der, die diese vor ihrer neuen Kennung war.',
  'account.still.notAllowed': 'Die Cloud lässt diese Leitung es nicht entfernen.',
  'account.still.unreachable':
    'Die Cloud ist gerade nicht zu fragen; die nächste Anmeldung versucht es wieder.',
  'account.as': 'Angemeldet als {email}, von {by}.',
  'account.its': 'Das Konto dieser Kasse: {email}',
  'account.uid': 'Seine Nutzer-UID in der Firebase-Konsole: {uid}',
  'account.member': 'Sein Platz unter den Mitgliedern des Ladens: {path}',
  'account.unreadable':
    'Was dieser Rechner von der Anmeldung aufbewahrt, ist nicht lesbar und wird nicht benutzt. Eine neue Anmeldung tritt an seine Stelle; das Konto davor bleibt Mitglied des Ladens, bis es jemand in der Firebase-Konsole entfernt.',
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
  'disconnect.heading': 'Verbindung',
  'disconnect.now': 'Verkäufe gehen hinauf in den Laden „{store}“ in {project}.',
  'disconnect.do': 'Trennen…',
  'disconnect.title': 'Von „{store}“ trennen?',
  'disconnect.waiting': {
    one: '{n} Verkauf oder Entscheidung dieser Kasse ist noch nicht in der Cloud und bliebe an dieser Kasse.',
    other:
      '{n} Verkäufe und Entscheidungen dieser Kasse sind noch nicht in der Cloud und blieben an dieser Kasse.',
  },
  'disconnect.safe':
    'Von da an bleiben Verkäufe an dieser Kasse, und nichts geht hinauf, bis sie wieder verbunden wird. Das Verkaufen geht weiter.',
  'disconnect.confirm': 'Trennen',
  'disconnect.anyway': 'Trotzdem trennen',
  'disconnect.stay': 'Verbunden bleiben',
  'disconnect.done': 'Getrennt. Verkäufe bleiben an dieser Kasse.',
  'disconnect.was':
    'Diese Kasse wurde vom Laden „{store}“ getrennt. Was wartet, geht hinauf, sobald sie wieder verbunden ist.',
};
