import { guessLocale, locale, setLocale } from '../i18n/index.svelte';
import { formatAmount, type Currency } from '../money';
import {
  commands,
  on,
  type AppState,
  type NewIdentityInput,
  type Preferences,
  type SetUpInput,
  type SignInInput,
  type SignInResult,
  type SyncStatus,
} from '../platform';
import { setSounds } from '../sound';
import { dress } from '../theme';
import { notices } from './notices.svelte';

const BEFORE_SETUP: Preferences = {
  theme: 'system',
  locale: guessLocale(),
  sounds: true,
  density: 'touch',
};

/** The pages of the window. */
export type Page = 'till' | 'sales' | 'sync' | 'settings';

/** The window as a whole: whose till, how it looks, what the sync is doing. */
class App {
  state = $state.raw<AppState | null>(null);
  sync = $state.raw<SyncStatus | null>(null);
  page = $state<Page>('till');
  helpOpen = $state(false);
  /** A manager gives this register a new identity. */
  identityOpen = $state(false);
  /** Ticks every few seconds, for words like “12 seconds ago”. */
  nowMs = $state(Date.now());
  #undress: () => void = () => {};

  readonly currency: Currency = $derived(
    this.state?.store?.currency ?? { code: 'EUR', decimals: 2 },
  );
  readonly preferences: Preferences = $derived(this.state?.preferences ?? BEFORE_SETUP);

  /** An amount in minor units, in the store's currency and the window's language. */
  money(minor: number): string {
    return formatAmount(minor, this.currency.decimals, locale());
  }

  /** Reads everything, then listens. Returns what stops it. */
  async start(): Promise<() => void> {
    const state = await commands.appState();
    this.#take(state);
    if (state.phase === 'ready') await this.refreshSync();
    const stop = on('sync-status', (status) => this.takeSync(status));
    const clock = setInterval(() => (this.nowMs = Date.now()), 5000);
    return () => {
      stop();
      clearInterval(clock);
    };
  }

  /** Sets up the store, or the demo store. */
  async setUp(input: SetUpInput): Promise<void> {
    this.#take(await commands.setUpStore(input));
    await this.refreshSync();
  }

  /** Makes a copied register another one. */
  async newIdentity(input: NewIdentityInput): Promise<void> {
    this.#take(await commands.newIdentity(input));
    this.identityOpen = false;
    await this.refreshSync();
  }

  /** A manager signs this register in, under the name that it has from then on. */
  async signIn(input: SignInInput): Promise<SignInResult> {
    const done = await commands.signIn(input);
    if (this.state) this.state = { ...this.state, register: done.register };
    return done;
  }

  /** Who is at the till from now on. */
  async setCashier(name: string): Promise<void> {
    this.#take(await commands.setCashier(name));
  }

  /** How the window looks and sounds; shown at once, then kept. */
  async prefer(change: Partial<Preferences>): Promise<void> {
    const preferences = { ...this.preferences, ...change };
    if (this.state) this.state = { ...this.state, preferences };
    this.#apply(preferences);
    try {
      await commands.savePreferences(preferences);
    } catch (thrown) {
      notices.error(thrown);
    }
  }

  /** A snapshot of the sync; an older one than we know is thrown away. */
  takeSync(status: SyncStatus): void {
    if (this.sync && status.version < this.sync.version) return;
    this.sync = status;
    this.nowMs = Date.now();
  }

  /** Asks how the sync is doing. */
  async refreshSync(): Promise<void> {
    try {
      this.takeSync(await commands.syncStatus());
    } catch (thrown) {
      notices.error(thrown);
    }
  }

  #take(state: AppState): void {
    this.state = state;
    this.#apply(state.phase === 'setUp' ? BEFORE_SETUP : state.preferences);
  }

  #apply(preferences: Preferences): void {
    setLocale(preferences.locale);
    setSounds(preferences.sounds);
    this.#undress();
    this.#undress = dress(preferences.theme, preferences.density);
  }
}

/** The one window. */
export const app = new App();
