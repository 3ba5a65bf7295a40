/** The proof of the books, and the question before the window closes. */
export const books = {
  'books.title': 'Check the books',
  'books.intro':
    'Compares every receipt of this register with its journal and with the cloud, day by day, and names whatever is missing, doubled or different.',
  'books.do': 'Check now',
  'books.again': 'Check again',
  'books.every': 'Read every document in the cloud too (one billed read a sale)',
  'books.running': 'Comparing…',
  'books.progress': 'Comparing {day}, day {done} of {total}…',
  'books.clean': 'Everything agrees: this register, its journal and the cloud.',
  'books.differ': { one: 'There is {n} difference.', other: 'There are {n} differences.' },
  'books.checked': 'Checked {ago}.',
  'books.compared':
    'Compared: receipts {receipts} over {total}, business days {days}, journal links {links}, documents in the cloud {cloud}.',
  'books.comparedHere':
    'Compared: receipts {receipts} over {total}, business days {days}, journal links {links}.',
  'books.readNone':
    'The cloud was asked for counts and sums; no document had to be read. Billed: {reads} reads.',
  'books.readSome': {
    one: 'One document was read and recomputed, the others were counted and added up. Billed: {reads} reads.',
    other:
      '{n} documents were read and recomputed, the others were counted and added up. Billed: {reads} reads.',
  },
  'books.readEvery': {
    one: 'The one document there was read and recomputed. Billed: {reads} reads.',
    other: 'All {n} documents were read and recomputed. Billed: {reads} reads.',
  },
  'books.readEveryNone':
    'Every document of this register was asked for, and the cloud has none. Billed: {reads} reads.',
  'books.notCompared': 'The cloud was not compared, so this is no proof yet.',
  'books.identity':
    'Receipt numbers of this register were used twice. It sends nothing until it has an identity of its own; selling goes on.',
  'books.findings': 'What differs',
  'books.noNumber': 'no number',
  'books.missing.register': 'This register does not have it.',
  'books.missing.journal': 'Its journal link is missing.',
  'books.missing.cloud': 'The cloud does not have it. It is safe here.',
  'books.doubled': 'Its number was used twice.',
  'books.differs.register': 'It was changed on this register after it was signed.',
  'books.differs.journal': 'Its journal link was changed.',
  'books.differs.cloud': 'The cloud’s version is not what was signed.',
  'books.unreadable': 'The document in the cloud is not a valid sale.',
  'books.newerSchema': 'A newer version of Counterfoil wrote the document in the cloud.',
  'books.late.open':
    'It came to the cloud after all, as it was signed, and counts there. Here it still stands in the list of sales that need a manager.',
  'books.late.dismissed':
    'A manager dismissed it, and it came to the cloud after all, as it was signed: it counts there.',
  'books.late.decided':
    'It was decided already, and came to the cloud after all, as it was signed: it counts there once too often.',
  'books.lateDo.open':
    'Choose “Try again” in the list above: it finds itself in the cloud and counts once. Recorded separately it would count twice.',
  'books.lateDo.dismissed':
    'Choose “Try again” in the list of dismissed sales: then all agrees. If it was not sold, refund it after that.',
  'books.lateDo.decided': 'Refund it once.',
  'books.fields': 'Differs in: {list}',
  'books.more': { one: 'And {n} more.', other: 'And {n} more.' },
  'books.sendTitle': { one: 'Send {n} sale again', other: 'Send {n} sales again' },
  'books.sendIntro': {
    one: 'It goes up under the same id; whatever is there meanwhile stays. Who decided it is written into the journal.',
    other:
      'They go up under the same ids; whatever is there meanwhile stays. Who decided it is written into the journal.',
  },
  'books.send': 'Send again',
  'books.sent': {
    one: '{n} sale is on its way again.',
    other: '{n} sales are on their way again.',
  },
  'books.explained': 'Not in the cloud, and explained',
  'books.explainedIntro': 'These are no differences.',
  'books.why.waiting': 'Waits to be uploaded.',
  'books.why.failed': 'Needs a manager, in the list above.',
  'books.why.dismissed': 'A manager dismissed it.',
  'books.why.otherStore': 'Went up to the store this register was connected to before.',
  'books.why.decidedElsewhere':
    'Decided at a copy of this register; that copy of the receipt is in the cloud.',
  'books.otherInstallation': {
    one: '{n} receipt in the cloud is another installation’s, which this register was copied or restored from.',
    other:
      '{n} receipts in the cloud are another installation’s, which this register was copied or restored from.',
  },

  'closing.title': 'Close although sales wait?',
  'closing.sales': {
    one: '{n} sale over {total} is not in the cloud yet.',
    other: '{n} sales over {total} are not in the cloud yet.',
  },
  'closing.decisions': {
    one: '{n} decision is not in the cloud yet.',
    other: '{n} decisions are not in the cloud yet.',
  },
  'closing.refused': {
    one: 'The cloud refused {n} of them; a manager decides in Sync.',
    other: 'The cloud refused {n} of them; a manager decides in Sync.',
  },
  'closing.kept':
    'Nothing is lost: all of it is safe on this register. What only waits goes up by itself when Counterfoil is started again.',
  'closing.safe':
    'Nothing is lost: all of it is safe on this register and goes up by itself when Counterfoil is started again.',
  'closing.stay': 'Stay',
  'closing.close': 'Close anyway',
} as const;
