/** What a possible duplicate is, and which pairs are listed. */
export const duplicates = {
  'duplicates.title': 'Possible duplicates',
  'duplicates.intro':
    'The same goods at the same prices, paid the same way, are looked for within this time. The sync panel lists pairs with three lines, a weighed line or the same card, and from this total on every pair. The log has them all.',
  'duplicates.seconds': 'Seconds apart',
  'duplicates.secondsBad': '{least} to {most} seconds.',
  'duplicates.total': 'List all from this total on',
  'duplicates.totalHint': 'Empty: the goods decide.',
  'duplicates.totalBad': 'An amount above 0, like {example}.',
  'duplicates.done': 'Saved. It goes for the sales that are checked from now on.',
  'duplicates.muted': 'Not listed',
  'duplicates.piece': '{quantity} × {name}',
  'duplicates.kg': '{quantity} kg {name}',
  'duplicates.again': 'List again',
  'duplicates.againFor': 'List again: {goods}',
  'duplicates.againDone': 'The next pair like this is listed again.',
  'duplicates.mute': 'List none like it',
  'duplicates.muteDone':
    'Both stay. Pairs like {number} and {other} are not listed any more; Settings, Possible duplicates, lists them again.',
} as const;
