import type { Translated } from '../message';
import type { duplicates as english } from '../en/duplicates';

/** Was eine mögliche Dublette ist, und welche Paare gelistet werden. */
export const duplicates: Translated<typeof english> = {
  'duplicates.title': 'Mögliche Dubletten',
  'duplicates.intro':
    'Gesucht werden dieselben Waren zu denselben Preisen, gleich bezahlt, in diesem Zeitraum. Der Abgleich listet Paare mit drei Zeilen, einer gewogenen Zeile oder derselben Karte, und ab diesem Betrag jedes Paar. Im Protokoll stehen alle.',
  'duplicates.seconds': 'Sekunden Abstand',
  'duplicates.secondsBad': '{least} bis {most} Sekunden.',
  'duplicates.total': 'Ab diesem Betrag alle listen',
  'duplicates.totalHint': 'Leer: Die Waren entscheiden.',
  'duplicates.totalBad': 'Ein Betrag über 0, etwa {example}.',
  'duplicates.done': 'Gespeichert. Es gilt für die Verkäufe, die ab jetzt geprüft werden.',
  'duplicates.muted': 'Nicht gelistet',
  'duplicates.piece': '{quantity} × {name}',
  'duplicates.kg': '{quantity} kg {name}',
  'duplicates.again': 'Wieder listen',
  'duplicates.againFor': 'Wieder listen: {goods}',
  'duplicates.againDone': 'Das nächste solche Paar wird wieder gelistet.',
  'duplicates.mute': 'Solche nicht listen',
  'duplicates.muteDone':
    'Beide bleiben. Paare wie {number} und {other} werden nicht mehr gelistet; Einstellungen, Mögliche Dubletten, listet sie wieder.',
};
