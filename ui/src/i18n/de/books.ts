import type { books as en } from '../en/books';
import type { Translated } from '../message';

/** Der Nachweis der Bücher, und die Frage vor dem Schließen des Fensters. */
export const books: Translated<typeof en> = {
  'books.title': 'Bücher prüfen',
  'books.intro':
    'Vergleicht jeden Beleg dieser Kasse mit ihrem Journal und mit der Cloud, Tag für Tag, und nennt alles, was fehlt, doppelt oder anders ist.',
  'books.do': 'Jetzt prüfen',
  'books.again': 'Noch einmal prüfen',
  'books.every': 'Auch jedes Dokument in der Cloud lesen (ein berechneter Lesezugriff je Verkauf)',
  'books.running': 'Wird verglichen …',
  'books.progress': '{day} wird verglichen, Tag {done} von {total} …',
  'books.clean': 'Alles stimmt überein: diese Kasse, ihr Journal und die Cloud.',
  'books.differ': { one: 'Es gibt {n} Abweichung.', other: 'Es gibt {n} Abweichungen.' },
  'books.checked': 'Geprüft {ago}.',
  'books.compared':
    'Verglichen: Belege {receipts} über {total}, Geschäftstage {days}, Journalglieder {links}, Dokumente in der Cloud {cloud}.',
  'books.comparedHere':
    'Verglichen: Belege {receipts} über {total}, Geschäftstage {days}, Journalglieder {links}.',
  'books.readNone':
    'Die Cloud wurde nach Anzahl und Summe gefragt; kein Dokument musste gelesen werden. Berechnet: {reads} Lesezugriffe.',
  'books.readSome': {
    one: 'Ein Dokument wurde gelesen und nachgerechnet, die anderen wurden gezählt und summiert. Berechnet: {reads} Lesezugriffe.',
    other:
      '{n} Dokumente wurden gelesen und nachgerechnet, die anderen wurden gezählt und summiert. Berechnet: {reads} Lesezugriffe.',
  },
  'books.readEvery': {
    one: 'Das eine Dokument wurde gelesen und nachgerechnet. Berechnet: {reads} Lesezugriffe.',
    other: 'Alle {n} Dokumente wurden gelesen und nachgerechnet. Berechnet: {reads} Lesezugriffe.',
  },
  'books.readEveryNone':
    'Jedes Dokument dieser Kasse wurde angefordert, und die Cloud hat keines. Berechnet: {reads} Lesezugriffe.',
  'books.notCompared': 'Die Cloud wurde nicht verglichen, darum ist das noch kein Nachweis.',
  'books.identity':
    'Belegnummern dieser Kasse wurden zweimal verwendet. Sie sendet nichts, bis sie eine eigene Kennung hat; verkauft wird weiter.',
  'books.findings': 'Was abweicht',
  'books.noNumber': 'ohne Nummer',
  'books.missing.register': 'Auf dieser Kasse fehlt er.',
  'books.missing.journal': 'Sein Journalglied fehlt.',
  'books.missing.cloud': 'In der Cloud fehlt er. Hier ist er sicher.',
  'books.doubled': 'Seine Nummer wurde zweimal verwendet.',
  'books.differs.register': 'Er wurde auf dieser Kasse geändert, nachdem er signiert war.',
  'books.differs.journal': 'Sein Journalglied wurde geändert.',
  'books.differs.cloud': 'Die Fassung der Cloud ist nicht die signierte.',
  'books.unreadable': 'Das Dokument in der Cloud ist kein gültiger Verkauf.',
  'books.newerSchema':
    'Eine neuere Version von Counterfoil hat das Dokument in der Cloud geschrieben.',
  'books.late.open':
    'Er ist doch noch in der Cloud angekommen, wie er signiert wurde, und zählt dort. Hier steht er noch in der Liste der Verkäufe, die die Leitung brauchen.',
  'books.late.dismissed':
    'Die Leitung hat ihn zurückgestellt, und er ist doch noch in der Cloud angekommen, wie er signiert wurde: Er zählt dort.',
  'books.late.decided':
    'Er war schon entschieden und ist doch noch in der Cloud angekommen, wie er signiert wurde: Er zählt dort einmal zu viel.',
  'books.lateDo.open':
    'In der Liste oben „Noch einmal versuchen“ wählen: Er findet sich in der Cloud wieder und zählt einmal. Gesondert gebucht würde er zweimal zählen.',
  'books.lateDo.dismissed':
    'In der Liste der zurückgestellten „Noch einmal versuchen“ wählen, dann stimmt alles überein. Wurde er nicht verkauft, ihn danach erstatten.',
  'books.lateDo.decided': 'Ihn einmal erstatten.',
  'books.fields': 'Abweichend: {list}',
  'books.more': { one: 'Und {n} weiterer.', other: 'Und {n} weitere.' },
  'books.sendTitle': {
    one: '{n} Verkauf noch einmal senden',
    other: '{n} Verkäufe noch einmal senden',
  },
  'books.sendIntro': {
    one: 'Er geht mit derselben Kennung hinauf; was inzwischen dort steht, bleibt. Wer es entschieden hat, steht dann im Journal.',
    other:
      'Sie gehen mit denselben Kennungen hinauf; was inzwischen dort steht, bleibt. Wer es entschieden hat, steht dann im Journal.',
  },
  'books.send': 'Noch einmal senden',
  'books.sent': {
    one: '{n} Verkauf ist wieder unterwegs.',
    other: '{n} Verkäufe sind wieder unterwegs.',
  },
  'books.explained': 'Nicht in der Cloud, und erklärt',
  'books.explainedIntro': 'Das sind keine Abweichungen.',
  'books.why.waiting': 'Wartet auf die Übertragung.',
  'books.why.failed': 'Braucht eine Leitung, in der Liste oben.',
  'books.why.dismissed': 'Von der Leitung zurückgestellt.',
  'books.why.otherStore': 'Ging an den Laden, mit dem diese Kasse vorher verbunden war.',
  'books.why.decidedElsewhere':
    'An einer Kopie dieser Kasse entschieden; diese Fassung des Belegs steht in der Cloud.',
  'books.otherInstallation': {
    one: '{n} Beleg in der Cloud gehört einer anderen Installation, von der diese Kasse kopiert oder wiederhergestellt wurde.',
    other:
      '{n} Belege in der Cloud gehören einer anderen Installation, von der diese Kasse kopiert oder wiederhergestellt wurde.',
  },

  'closing.title': 'Schließen, obwohl Verkäufe warten?',
  'closing.sales': {
    one: '{n} Verkauf über {total} ist noch nicht in der Cloud.',
    other: '{n} Verkäufe über {total} sind noch nicht in der Cloud.',
  },
  'closing.decisions': {
    one: '{n} Entscheidung ist noch nicht in der Cloud.',
    other: '{n} Entscheidungen sind noch nicht in der Cloud.',
  },
  'closing.refused': {
    one: 'Die Cloud hat {n} davon abgelehnt; das entscheidet die Leitung unter Abgleich.',
    other: 'Die Cloud hat {n} davon abgelehnt; das entscheidet die Leitung unter Abgleich.',
  },
  'closing.kept':
    'Nichts geht verloren: Alles ist auf dieser Kasse sicher. Was nur wartet, geht von selbst hinauf, wenn Counterfoil wieder gestartet wird.',
  'closing.safe':
    'Nichts geht verloren: Alles ist auf dieser Kasse sicher und geht von selbst hinauf, wenn Counterfoil wieder gestartet wird.',
  'closing.stay': 'Bleiben',
  'closing.close': 'Trotzdem schließen',
};
