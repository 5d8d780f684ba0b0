import { ApiClient, ApiError, type Token, type User } from './api';

const STORAGE_KEY = 'glanceflow.session';
const REFRESH_AT = 0.8;
const RETRY_MS = 10_000;
/** `setTimeout` fires at once for anything that does not fit into 31 bits. */
const LONGEST_TIMER_MS = 2_000_000_000;

interface Stored {
	token: string;
	refreshAt: number;
	expiresAt: number;
}

export interface SessionOptions {
	baseUrl: string;
	storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
	now?: () => number;
	fetch?: typeof fetch;
}

/**
 * The login of this tab.
 *
 * The token is kept in sessionStorage. The trade-off: script running in this page can read it,
 * which an HttpOnly cookie would prevent. On the other hand the API may live on another site than
 * the page, where cookies need SameSite=None, are blocked by some browsers and bring CSRF back.
 * The risk is kept small by a policy that runs no foreign script, by a short-lived token that is
 * replaced before it expires, and by sessionStorage itself: unlike localStorage it ends with the
 * tab, is not shared with other tabs and survives nothing but a reload.
 */
export class Session {
	readonly api: ApiClient;

	#stored = $state<Stored | null>(null);
	user = $state<User | null>(null);
	/** The session ended without the user asking for it. */
	ended = $state(false);

	#storage: SessionOptions['storage'];
	#now: () => number;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#refreshing: Promise<void> | null = null;

	constructor(options: SessionOptions) {
		this.#storage = options.storage;
		this.#now = options.now ?? Date.now;
		this.api = new ApiClient({
			baseUrl: options.baseUrl,
			fetch: options.fetch,
			getToken: () => this.token,
			onUnauthorized: () => this.expire()
		});
		this.#stored = this.#read();
		if (this.#stored) void this.check();
	}

	get token(): string | null {
		return this.#stored?.token ?? null;
	}

	get authenticated(): boolean {
		return this.#stored !== null;
	}

	async login(email: string, password: string): Promise<void> {
		this.#adopt(await this.api.login(email, password));
	}

	async register(email: string, password: string, displayName: string): Promise<void> {
		const token = await this.api.register(email, password, displayName);
		if (token) this.#adopt(token);
		else await this.login(email, password);
	}

	async loadUser(): Promise<User> {
		this.user ??= await this.api.me();
		return this.user;
	}

	logout(): void {
		clearTimeout(this.#timer);
		this.#stored = null;
		this.user = null;
		this.ended = false;
		try {
			this.#storage.removeItem(STORAGE_KEY);
		} catch {
			// Nothing was stored then.
		}
	}

	expire(): void {
		this.logout();
		this.ended = true;
	}

	/** Refreshes or ends the session if it is time to; also called after the machine slept. */
	async check(): Promise<void> {
		const stored = this.#stored;
		if (!stored) return;
		const now = this.#now();
		if (now >= stored.expiresAt) this.expire();
		else if (now >= stored.refreshAt) await this.#refresh();
		else this.#schedule(stored.refreshAt - now);
	}

	#refresh(): Promise<void> {
		this.#refreshing ??= this.#refreshOnce().finally(() => (this.#refreshing = null));
		return this.#refreshing;
	}

	async #refreshOnce(): Promise<void> {
		const before = this.token;
		try {
			const token = await this.api.refresh();
			// The user may have logged out while the answer was on its way.
			if (this.token === before) this.#adopt(token);
		} catch (error) {
			const final = error instanceof ApiError && error.status < 500 && error.status !== 429;
			if (this.token !== before || this.token === null) return;
			if (final) this.expire();
			else this.#schedule(RETRY_MS);
		}
	}

	#adopt(token: Token): void {
		const now = this.#now();
		const lifetime = token.expiresIn * 1000;
		const stored = {
			token: token.token,
			refreshAt: now + lifetime * REFRESH_AT,
			expiresAt: now + lifetime
		};
		this.#stored = stored;
		this.ended = false;
		try {
			this.#storage.setItem(STORAGE_KEY, JSON.stringify(stored));
		} catch {
			// Storage is full or forbidden: the login then lasts until the page is reloaded.
		}
		this.#schedule(stored.refreshAt - now);
	}

	#schedule(delay: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.check(), Math.min(delay, LONGEST_TIMER_MS));
	}

	#read(): Stored | null {
		try {
			const value: unknown = JSON.parse(this.#storage.getItem(STORAGE_KEY) ?? 'null');
			const stored = value as Stored | null;
			if (
				typeof stored?.token === 'string' &&
				Number.isFinite(stored.refreshAt) &&
				Number.isFinite(stored.expiresAt)
			) {
				return stored;
			}
		} catch {
			// Unreadable: start without a login.
		}
		return null;
	}
}
