import type {
  Choice,
  CostPurpose,
  CostSum,
  DiffRow,
  FailedDetail,
  FailedItem,
  FailedPage,
  SaleView,
  SyncCosts,
  SyncStatus,
} from '../../src/platform';
import { goods } from './goods';
import { FakeTill, saleOf } from './till';

const MINUTE = 60_000;

function sale(list: [string, string][], number: number, cashier: string, atMs: number): SaleView {
  const till = new FakeTill();
  for (const [name, quantity] of list) {
    till.add(
      goods.find((item) => item.name === name),
      quantity,
      null,
    );
  }
  const cart = till.view();
  return saleOf(
    cart,
    [{ method: 'cash', amount: cart.total, reference: null, last4: null }],
    number,
    cashier,
    0,
    atMs,
  );
}

const now = Date.now();
const mine = sale(
  [
    ['Sourdough loaf', '1'],
    ['Oat milk 1 l', '2'],
    ['Flat white', '2'],
    ['Bananas', '0.512'],
  ],
  398,
  'Anna',
  now - 42 * MINUTE,
);
const theirs = {
  ...sale(
    [
      ['Sourdough loaf', '1'],
      ['Oat milk 1 l', '1'],
      ['Flat white', '2'],
    ],
    1120,
    'Ben',
    now - 42 * MINUTE - 2200,
  ),
  saleId: mine.saleId,
  receiptNumber: 'A-001120',
  registerName: null,
  createdAt: new Date(now - 42 * MINUTE).toISOString(),
};
const big = sale([['Riesling Kabinett 0.75 l', '18']], 402, 'Ben', now - 20 * MINUTE);

function item(
  of: SaleView,
  kind: FailedItem['kind'],
  message: string,
  attempts: number,
): FailedItem {
  return {
    saleId: of.saleId,
    receiptNumber: of.receiptNumber,
    total: of.total,
    kind,
    message,
    attempts,
    failedAt: of.soldAt,
    soldAt: of.soldAt,
    cashierName: of.cashierName,
    status: 'open',
  };
}

function rows(here: SaleView, there: SaleView | null): DiffRow[] {
  const names = [...new Set([...here.lines, ...(there?.lines ?? [])].map((line) => line.name))];
  const cell = (of: SaleView | null, name: string) => {
    const line = of?.lines.find((other) => other.name === name);
    return line ? { text: null, quantity: line.quantity, amount: line.total } : null;
  };
  const amount = (minor: number) => ({ text: null, quantity: null, amount: minor });
  const head = (label: string, a: string, b: string | undefined): DiffRow => ({
    part: 'head',
    label,
    local: { text: a, quantity: null, amount: null },
    remote: b === undefined ? null : { text: b, quantity: null, amount: null },
    differs: a !== b,
  });
  return [
    head('receiptNumber', here.receiptNumber, there?.receiptNumber),
    head('soldAt', here.soldAt, there?.soldAt),
    head('cashierName', here.cashierName, there?.cashierName),
    ...names.map((name): DiffRow => {
      const local = cell(here, name);
      const remote = cell(there, name);
      return {
        part: 'line',
        label: name,
        local,
        remote,
        differs: there !== null && JSON.stringify(local) !== JSON.stringify(remote),
      };
    }),
    {
      part: 'total',
      label: 'total',
      local: amount(here.total),
      remote: there && amount(there.total),
      differs: there !== null && here.total !== there.total,
    },
    {
      part: 'tender',
      label: 'cash',
      local: amount(here.tenders[0]?.amount ?? 0),
      remote: there && amount(there.tenders[0]?.amount ?? 0),
      differs: there !== null,
    },
  ];
}

function choices(of: SaleView, refused: boolean): Choice[] {
  const none = { stock: [], money: [] };
  return [
    {
      choice: 'keepCloud',
      available: !refused,
      unavailable: refused ? 'there is nothing in the cloud to keep' : null,
      earlier: false,
      ownerOnly: false,
      effects: {
        stock: of.lines.map(({ name, unit, quantity }) => ({ name, unit, quantity })),
        money: [{ method: 'cash', amount: -of.total }],
        notes: ['reversalTakesNextNumber', 'cloudUntouched'],
      },
    },
    {
      choice: 'recordSeparately',
      available: !refused,
      unavailable: refused ? 'the cloud would refuse the copy too' : null,
      earlier: false,
      ownerOnly: false,
      effects: { ...none, notes: ['bothCount', 'printedNumberStays'] },
    },
    {
      choice: 'retry',
      available: true,
      unavailable: null,
      earlier: false,
      ownerOnly: false,
      effects: { ...none, notes: ['sameIdAgain', 'realConflictStays'] },
    },
    {
      choice: 'dismiss',
      available: true,
      unavailable: null,
      earlier: false,
      ownerOnly: true,
      effects: { ...none, notes: ['staysLocal'] },
    },
  ];
}

/** A morning with two sales that need somebody. */
export class FakeFailures {
  items = [
    item(mine, 'sameId', 'another sale has this id', 2),
    item(big, 'refused', 'larger than 1 MiB (line note)', 4),
  ];
  warnings: FailedPage['warnings'] = [
    {
      id: 7,
      kind: 'possibleDuplicate',
      saleIds: ['x', 'y'],
      receiptNumbers: ['B-000377', 'A-001098'],
      registers: ['Till 2', 'Till 1'],
      total: 4630,
      secondsApart: 21,
      message: '',
      raisedAt: new Date(now - 95 * MINUTE).toISOString(),
    },
  ];
  elsewhere: FailedPage['elsewhere'] = [
    {
      saleId: 'z',
      digest: 'd',
      registerId: 'r',
      receiptNumber: 'C-000051',
      total: 890,
      kind: 'cartPaidElsewhere',
      failedAt: new Date(now - 190 * MINUTE).toISOString(),
      outcome: {
        choice: 'keepCloud',
        by: 'Maria',
        reason: 'Parked cart was paid at till 1',
        decidedAt: new Date(now - 150 * MINUTE).toISOString(),
      },
    },
  ];

  page(): FailedPage {
    return {
      items: this.items,
      warnings: this.warnings,
      elsewhere: this.elsewhere,
      moreElsewhere: 0,
      unreadable: [],
      moreUnreadable: false,
      next: null,
    };
  }

  detail(saleId: string): FailedDetail {
    const refused = saleId === big.saleId;
    const local = refused ? big : mine;
    return {
      item: this.items.find((other) => other.saleId === saleId) ?? item(local, 'sameId', '', 1),
      local,
      remote: refused ? null : theirs,
      remoteProblem: null,
      decidedBefore: null,
      rows: rows(local, refused ? null : theirs),
      choices: choices(local, refused),
    };
  }

  /** The state in this scene. */
  status(scene: string, version: number): SyncStatus {
    const quiet = ['quiet', 'local', 'offline', 'backlog'].includes(scene);
    const waiting = scene === 'offline' ? 12 : scene === 'backlog' ? 8_400 : 0;
    const state = { local: 'localOnly', offline: 'offline', backlog: 'syncing' } as const;
    return {
      version,
      state: state[scene as keyof typeof state] ?? 'idle',
      pending: waiting,
      inFlight: 0,
      failedTotal: quiet ? 0 : this.items.length,
      dismissedTotal: 0,
      warnings: quiet ? 0 : this.warnings.length,
      syncedTotal: 1284,
      lastSyncedAt: scene === 'local' ? null : new Date(Date.now() - 12_000).toISOString(),
      nextAttemptAt: scene === 'offline' ? new Date(Date.now() + 24_000).toISOString() : null,
      offlineSince: scene === 'offline' ? new Date(Date.now() - 29 * MINUTE).toISOString() : null,
      clockOffsetMs: null,
      problem: null,
      failedItems: quiet ? [] : this.items,
      project: scene === 'local' ? null : 'demo-counterfoil',
      storeId: scene === 'local' ? null : 'market-hall',
      disconnected: false,
      progress:
        scene === 'backlog'
          ? { waiting: 8_400, landed: 11_600, perSecond: '812', secondsLeft: 11 }
          : null,
      costs: costs(scene === 'local'),
    };
  }
}

/** What the cloud billed this month. */
function costs(none: boolean): SyncCosts {
  const of = (purpose: CostPurpose, writes: number, reads: number, money: string) => ({
    ...{ purpose, writes, reads, money },
    writesPerSale: (writes / 1284).toFixed(3),
    readsPerSale: (reads / 1284).toFixed(3),
  });
  const sum: CostSum = {
    ...{ sales: 1284, writes: 1310, reads: 2066, money: '0.003598' },
    ...{ writesPerSale: '1.020', readsPerSale: '1.609', moneyPerThousandSales: '0.002802' },
    purposes: [
      of('upload', 1284, 402, '0.002552'),
      of('duplicates', 0, 620, '0.000372'),
      of('others', 0, 740, '0.000444'),
      of('session', 26, 304, '0.000229'),
    ],
  };
  const nothing: CostSum = {
    ...{ sales: 0, writes: 0, reads: 0, money: '0.00', purposes: [] },
    ...{ writesPerSale: null, readsPerSale: null, moneyPerThousandSales: null },
  };
  const shown = none ? nothing : sum;
  return { ...shown, currency: 'USD', month: none ? null : '2026-11', ofMonth: shown };
}
