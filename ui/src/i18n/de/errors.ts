import type { Translated } from '../message';
import type { errors as english } from '../en/errors';

/** Was schiefging: was geschah, ob das Geld sicher ist, was zu tun ist. */
export const errors: Translated<typeof english> = {
  'error.not_set_up': 'Diese Kasse ist noch nicht eingerichtet. Programm schließen und neu öffnen.',
  'error.already_set_up': 'Diese Kasse ist schon eingerichtet. Programm schließen und neu öffnen.',
  'error.identity_needed':
    'Die Datenbank dieser Kasse wurde kopiert, verschoben oder zurückgesetzt. Kein Verkauf ist verloren. Nichts geht in die Cloud, bis ihr jemand aus der Leitung eine eigene Kennung gibt.',
  'error.invalid_input': 'An der Eingabe stimmt etwas nicht. Nichts wurde geändert.',
  'error.unknown_product': 'Diesen Artikel gibt es nicht mehr. Nichts wurde hinzugefügt.',
  'error.unknown_barcode':
    'Kein Artikel hat diesen Strichcode. Nichts wurde hinzugefügt. Stattdessen den Namen tippen.',
  'error.quantity_needed':
    'Das wird nach Gewicht verkauft. Nichts wurde hinzugefügt. Die Kilogramm tippen.',
  'error.invalid_quantity':
    'Diese Menge lässt sich nicht verkaufen. Nichts wurde geändert. Eine andere tippen.',
  'error.invalid_amount':
    'Dieser Betrag ist nicht brauchbar. Nichts wurde geändert. Einen anderen tippen.',
  'error.amount_too_large':
    'Dieser Betrag ist zu groß. Nichts wurde geändert. Den Verkauf aufteilen.',
  'error.discount_too_large':
    'Der Rabatt ist größer als der Preis. Nichts wurde geändert. Einen kleineren geben.',
  'error.cart_empty': 'Der Warenkorb ist leer. Zuerst einen Artikel scannen.',
  'error.cart_too_large': 'Der Warenkorb ist voll. Zuerst bezahlen, dann einen neuen beginnen.',
  'error.cart_changed':
    'Der Warenkorb hat sich inzwischen geändert. Nichts wurde gebucht. Summe prüfen und neu bezahlen.',
  'error.cart_paid_differently':
    'Dieser Warenkorb wurde schon anders bezahlt. Der erste Verkauf zählt und ist sicher; er steht bei den letzten Verkäufen.',
  'error.payment_too_small':
    'Die Zahlung deckt die Summe nicht. Nichts wurde gebucht. Den Rest nehmen.',
  'error.reference_missing':
    'Diese Zahlung braucht eine Referenz. Nichts wurde gebucht. Vom Beleg abtippen.',
  'error.card_number_refused':
    'Das sieht nach einer Kartennummer aus. Die wird nie gespeichert. Stattdessen die Referenz des Terminals tippen.',
  'error.tender_exceeds_due':
    'Das ist mehr, als offen ist. Nur Bargeld gibt Rückgeld. Einen kleineren Betrag tippen.',
  'error.not_found': 'Unter dieser Nummer gibt es nichts. Prüfen und noch einmal versuchen.',
  'error.not_permitted': 'Diese Person darf das nicht. Die Leitung fragen.',
  'error.reason_missing': 'Ein Grund wird gebraucht. Nichts wurde geändert.',
  'error.choice_not_available':
    'Das ist hier nicht möglich. Nichts wurde geändert. Anders entscheiden.',
  'error.already_resolved': 'Das hat schon jemand entschieden. Die Liste ist jetzt aktuell.',
  'error.catalogue_invalid': 'Die Datei hat falsche Zeilen. Nichts wurde eingelesen.',
  'error.file_unreadable':
    'Die Datei ist nicht lesbar. Nichts wurde geändert. Prüfen, ob es eine CSV in UTF-8 ist.',
  'error.database_newer':
    'Eine neuere Version von Counterfoil hat diese Datenbank geschrieben. Alle Verkäufe sind sicher. Die neuere Version installieren.',
  'error.database_damaged':
    'Die Datenbank auf dieser Platte ist beschädigt. Hier nicht weiter verkaufen. Verkäufe in der Cloud sind sicher. Die letzte Sicherung mit „counterfoilctl restore“ einspielen.',
  'error.database_locked':
    'Ein anderes Programm hält die Datenbank. Alle Verkäufe sind sicher. Das andere schließen und noch einmal versuchen.',
  'error.database_read_only':
    'In den Datenordner lässt sich nicht schreiben. Nichts wurde gebucht, frühere Verkäufe sind sicher. Diesem Benutzer dort Schreibrecht geben.',
  'error.disk_full':
    'Die Platte ist voll. Nichts wurde gebucht, frühere Verkäufe sind sicher. Platz schaffen und noch einmal versuchen.',
  'error.database_failed':
    'Die Datenbank hat nicht richtig geantwortet. Nichts wurde gebucht. Noch einmal versuchen, sonst neu starten.',
  'error.not_connected': 'Keine Cloud ist verbunden. Verkäufe sind an dieser Kasse sicher.',
  'error.register_changed':
    'Während die Bücher geprüft wurden, hat sich die Verbindung dieser Kasse geändert, oder sie wurde zu einer anderen. Was gefunden wurde, betrifft den Stand davor und zählt nicht. Verkäufe sind sicher. Noch einmal prüfen.',
  'error.store_differs':
    'Die Cloud enthält einen anderen Laden, als diese Kasse kennt. Nichts wurde gesendet, Verkäufe sind hier sicher. Projekt und Laden prüfen.',
  'error.sales_elsewhere':
    'Verkäufe dieser Kasse liegen schon in einem anderen Laden und blieben dort. Nichts wurde geändert. Wer den Laden eingerichtet hat, kann mit „counterfoilctl sync connect --switch“ wechseln.',
  'error.sync_locked':
    'Ein anderes Programm gleicht diese Kasse gerade ab. Verkäufe sind sicher. Warten, bis es fertig ist.',
  'error.cloud_unreachable':
    'Die Cloud ist nicht erreichbar. Verkäufe sind an dieser Kasse sicher und gehen später von selbst hinauf.',
  'error.cloud_refused': 'Die Cloud hat das abgelehnt. Verkäufe sind an dieser Kasse sicher.',
  'error.cloud_contradicts':
    'Die Cloud sagt, ein Verkauf sei schon da, und zeigt ihn nicht. Er ist an dieser Kasse sicher und wird von selbst wieder versucht.',
  'error.sign_in_needed':
    'Diese Kasse ist nicht an der Cloud angemeldet. Verkäufe sind hier sicher und warten. Die Leitung meldet sie an.',
  'error.wrong_password':
    'Das Konto ist nicht bekannt, oder das Passwort ist ein anderes. Nichts wurde geändert, Verkäufe sind hier sicher. Beides prüfen und noch einmal versuchen.',
  'error.account_disabled':
    'Das Konto wurde gesperrt. Verkäufe sind an dieser Kasse sicher und warten. In der Firebase-Konsole freigeben lassen oder die Kasse neu anmelden.',
  'error.sign_in_ended':
    'Die Anmeldung ist beendet. Verkäufe sind an dieser Kasse sicher und warten. Die Leitung meldet sie neu an.',
  'error.signed_in_elsewhere':
    'Diese Kasse wurde bei Google angemeldet und das Programm für einen Emulator gestartet, oder umgekehrt. Ihr Schlüssel wurde nicht gesendet. Verkäufe sind an dieser Kasse sicher und warten. Das Programm wie damals starten, oder die Leitung meldet sie neu an.',
  'error.wrong_project':
    'Der Web-API-Schlüssel gehört nicht zu diesem Projekt. Verkäufe sind an dieser Kasse sicher. Mit dem richtigen Schlüssel neu verbinden.',
  'error.sign_in_closed':
    'In diesem Firebase-Projekt kann sich niemand mit E-Mail und Passwort anmelden. Verkäufe sind an dieser Kasse sicher. Wer es eingerichtet hat, kann das erlauben.',
  'error.sign_up_closed':
    'In diesem Firebase-Projekt kann niemand Konten anlegen. Nichts wurde geändert, Verkäufe sind hier sicher. Wer es eingerichtet hat, erlaubt das, solange Kassen angemeldet werden.',
  'error.too_many_attempts':
    'Es waren zu viele Versuche. Verkäufe sind an dieser Kasse sicher. Einige Minuten warten und noch einmal versuchen.',
  'error.keychain_locked':
    'Der Schlüsselbund dieses Rechners ist gesperrt. Verkäufe sind an dieser Kasse sicher und gehen von selbst hinauf, sobald er entsperrt ist.',
  'error.keychain_closed':
    'Der Schlüsselbund dieses Rechners ist gesperrt oder antwortet nicht. Niemand wurde angemeldet, nichts wurde geändert, Verkäufe sind hier sicher. Ihn entsperren und noch einmal anmelden.',
  'error.prefix_taken':
    'Eine andere Kasse dieses Ladens druckt Belege {prefix}: {register}. Nichts wurde geändert, Verkäufe sind hier sicher. Dieser Kasse ein anderes Belegpräfix geben: counterfoilctl sync identity --new --receipt-prefix B --by NAME',
  'error.prefix_shared':
    'Eine andere Kasse dieses Ladens, {register}, druckt auch Belege {prefix} und war zuerst da: Von beiden kann ein Beleg dieselbe Nummer haben. Kein Verkauf geht verloren; alle behalten ihre Nummern und gehen hinauf. Dieser Kasse ein eigenes Belegpräfix geben: Es gilt ab dem nächsten Verkauf.',
  'error.unsynced_sales':
    'Verkäufe dieser Kasse sind noch nicht in der Cloud. Sie bleiben hier, bis sich wieder jemand anmeldet.',
  'error.not_allowed':
    'Die Cloud lässt diese Kasse nicht hinein. Verkäufe sind an dieser Kasse sicher und warten. Wer den Laden eingerichtet hat, kann sie zulassen.',
  'error.timeout':
    'Es kam rechtzeitig keine Antwort. Verkäufe sind an dieser Kasse sicher. Noch einmal versuchen.',
  'error.internal':
    'Das ging nicht; im Protokoll steht, warum. Vor erneutem Kassieren die letzten Verkäufe prüfen.',
};
