import type {
  AppState,
  CheckoutInput,
  DiscountInput,
  ImportInput,
  NewIdentityInput,
  Preferences,
  ResolveInput,
  SetUpInput,
  TenderInput,
} from '../../src/platform';
import { FakeFailures } from './conflicts';
import { goods } from './goods';
import { FakeTill } from './till';

const SLOW_MS = 4;

/** Answers the window's commands as the shell would. */
export class FakeShell {
  readonly till = new FakeTill();
  readonly failures = new FakeFailures();
  readonly scene: string;
  readonly calls: string[] = [];
  version = 1;
  state: AppState;

  constructor(query: URLSearchParams) {
    this.scene = query.get('scene') ?? 'till';
    this.state = {
      phase: this.scene === 'setup' ? 'setUp' : this.scene === 'blocked' ? 'blocked' : 'ready',
      problem:
        this.scene === 'blocked'
          ? { code: 'database_newer', message: 'schema 7, this program knows 1', details: null }
          : null,
      store: {
        name: 'Counterfoil Market',
        currency: { code: 'EUR', decimals: 2 },
        pricesIncludeTax: true,
        cashRounding: null,
        timeZone: 'Europe/Berlin',
      },
      register: { name: 'Till 2', prefix: 'B' },
      identity:
        this.scene === 'identity'
          ? { code: 'identity_needed', message: 'a copy', details: null }
          : null,
      cashier: 'Anna',
      preferences: {
        theme: (query.get('theme') ?? 'light') as Preferences['theme'],
        locale: (query.get('locale') ?? 'en') as Preferences['locale'],
        density: (query.get('density') ?? 'touch') as Preferences['density'],
        sounds: true,
      },
      version: '0.1.0',
    };
    if (query.has('sales')) this.#sell(14);
  }

  /** Some earlier sales. */
  #sell(count: number): void {
    for (let n = 0; n < count; n++) {
      for (let i = 0; i <= n % 4; i++) {
        this.till.add(goods[(n * 7 + i * 5) % goods.length], n % 3 ? '2' : '1', null);
      }
      const cart = this.till.view();
      const card = n % 2 === 0;
      const tender: TenderInput = card
        ? { method: 'card', amount: cart.total, reference: `T-88${n}1`, last4: '4242' }
        : { method: 'cash', amount: cart.total + 130, reference: null, last4: null };
      const { sale } = this.till.checkout([tender], n % 3 ? 'Anna' : 'Ben');
      sale.soldAt = new Date(Date.now() - (count - n) * 17 * 60_000).toISOString();
      sale.changeDue = card ? 0 : 130;
      sale.tip = 0;
      sale.syncState = n > count - 2 ? 'pending' : n === 9 ? 'failed' : 'synced';
    }
  }

  async invoke(command: string, args: Record<string, unknown>): Promise<unknown> {
    this.calls.push(command);
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    const answer = this.#answer(command, args);
    return structuredClone(answer);
  }

  #status() {
    return this.failures.status(this.scene, ++this.version);
  }

  #answer(command: string, args: Record<string, unknown>): unknown {
    const till = this.till;
    const line = args['line'] as number;
    switch (command) {
      case 'app_state':
        return this.state;
      case 'set_up_store': {
        const input = args['input'] as SetUpInput;
        const name = input.storeName;
        if (this.state.store)
          this.state = { ...this.state, phase: 'ready', store: { ...this.state.store, name } };
        return this.state;
      }
      case 'new_identity': {
        const { receiptPrefix } = args['input'] as NewIdentityInput;
        const register = { name: 'Till 2', prefix: receiptPrefix };
        this.state = { ...this.state, identity: null, register };
        return this.state;
      }
      case 'set_cashier':
        this.state = { ...this.state, cashier: args['name'] as string };
        return this.state;
      case 'save_preferences':
        return args['preferences'];
      case 'categories':
        return [...new Set(goods.map((item) => item.category))].map((name) => ({
          name,
          products: goods.filter((item) => item.category === name).length,
        }));
      case 'category_products':
        return goods
          .filter((item) => item.category === args['category'])
          .slice(args['offset'] as number, (args['offset'] as number) + (args['limit'] as number));
      case 'search_products': {
        const text = (args['text'] as string).toLowerCase();
        return goods
          .filter(
            (item) => item.name.toLowerCase().includes(text) || item.sku.toLowerCase() === text,
          )
          .slice(0, args['limit'] as number);
      }
      case 'cart':
        return till.view();
      case 'scan':
        return till.scan(args['code'] as string, args['quantity'] as string | null);
      case 'add_product':
        return till.add(
          goods.find((item) => item.sku === args['sku']),
          args['quantity'] as string | null,
          args['unitPrice'] as number | null,
        );
      case 'set_line_quantity':
        return till.edit(line, { quantity: args['quantity'] as string });
      case 'set_line_discount':
        return till.edit(line, { discount: args['discount'] as DiscountInput | null });
      case 'set_line_price':
        return till.edit(line, { unitPrice: args['price'] as number });
      case 'set_line_note':
        return till.edit(line, { note: args['note'] as string | null });
      case 'remove_line':
        return till.remove(line);
      case 'set_cart_discount':
        till.discount = args['discount'] as DiscountInput | null;
        return till.view();
      case 'clear_cart':
        return till.clear();
      case 'payment_preview':
        return till.preview(args['tenders'] as TenderInput[]);
      case 'process_checkout': {
        const input = args['input'] as CheckoutInput;
        return till.checkout(input.tenders, input.cashier);
      }
      case 'recent_sales':
        return { items: till.sales.slice(0, args['limit'] as number), next: null };
      case 'sale': {
        const sale = till.sales.find((other) => other.receiptNumber === args['idOrReceipt']);
        if (!sale) throw { code: 'not_found', message: 'fake: not found', details: null };
        return sale;
      }
      case 'sync_status':
      case 'sync_now':
      case 'sync_connect':
      case 'sync_disconnect':
        return this.#status();
      case 'sync_prices':
        return { currency: 'USD', reads: '0.06', writes: '0.18' };
      case 'set_sync_prices':
        return args['prices'];
      case 'account':
        return null;
      case 'failed_page':
        return this.scene === 'till'
          ? this.failures.page()
          : {
              items: [],
              warnings: [],
              elsewhere: [],
              moreElsewhere: 0,
              unreadable: [],
              moreUnreadable: false,
              next: null,
            };
      case 'failed_detail':
        return this.failures.detail(args['saleId'] as string);
      case 'resolve_failed': {
        const input = args['input'] as ResolveInput;
        this.failures.items = this.failures.items.filter((item) => item.saleId !== input.saleId);
        return {
          saleId: input.saleId,
          choice: input.choice,
          reversal: null,
          cloudId: null,
          status: this.#status(),
        };
      }
      case 'duplicate_settings':
      case 'set_duplicate_rule':
      case 'list_duplicates_again':
        return { windowSeconds: 60, listedTotal: null, muted: [] };
      case 'mute_duplicates':
      case 'decide_warning':
        this.failures.warnings = [];
        return this.#status();
      case 'import_catalogue':
        return {
          dryRun: (args['input'] as ImportInput).dryRun,
          imported: !(args['input'] as ImportInput).dryRun,
          lines: 210,
          added: 180,
          updated: 30,
          skipped: 0,
          stockAdjusted: 0,
          ignoredColumns: [],
          problems: [],
          problemsTotal: 0,
        };
      default:
        throw { code: 'internal', message: `the fake shell has no ${command}`, details: null };
    }
  }
}
