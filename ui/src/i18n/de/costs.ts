import type { Translated } from '../message';
import type { costs as english } from '../en/costs';

/** Was die Cloud berechnet, und wie ein Rückstand schrumpft. */
export const costs: Translated<typeof english> = {
  'progress.label': 'Wie weit der Rückstand ist',
  'progress.going': '{landed} von {all} sind oben, {rate} in der Sekunde. Noch etwa {time}.',
  'progress.begun': '{landed} von {all} sind oben. Wie lange der Rest dauert, weiß noch niemand.',
  'progress.notYet': '{waiting} warten. Wie lange sie brauchen, weiß noch niemand.',
  'progress.unknown':
    '{waiting} warten. Wie lange sie brauchen, weiß niemand, solange sie nicht hinaufgehen.',
  'costs.title': 'Was die Cloud berechnet',
  'costs.month': '{month}: {money} für {writes} Schreib- und {reads} Lesevorgänge.',
  'costs.thousand': 'Tausend Verkäufe kosten {money} mit allem, was daneben gefragt wird.',
  'costs.purpose': 'Wofür',
  'costs.writes': 'Schreiben',
  'costs.reads': 'Lesen',
  'costs.writesPerSale': 'Schreiben je Verkauf',
  'costs.readsPerSale': 'Lesen je Verkauf',
  'costs.money': '{currency}',
  'costs.upload': 'Eigene Verkäufe und Entscheidungen',
  'costs.duplicates': 'Suche nach Dubletten',
  'costs.others': 'Fälle anderer Kassen',
  'costs.session': 'Laden, Anspruch und Nummern',
  'costs.reconcile': 'Prüfung der Bücher',
  'prices.title': 'Preise der Cloud',
  'prices.intro':
    'Was 100.000 Vorgänge in dieser Region kosten. Anfangs sind es Googles Preise für eine Multiregion der USA. Nur was der Abgleich an Kosten nennt, hängt davon ab.',
  'prices.reads': 'Lesen',
  'prices.writes': 'Schreiben',
  'prices.currency': 'Währung',
  'prices.done': 'Die Preise sind gespeichert.',
  'prices.notAPrice': 'Nötig ist ein Preis wie {example}.',
  'prices.notACurrency': 'Drei Buchstaben, etwa USD.',
};
