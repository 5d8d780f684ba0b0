/** Typed client for the glanceflow HTTP API. It knows nothing about Svelte or the browser UI. */

export interface Token {
	token: string;
	/** Lifetime in seconds. */
	expiresIn: number;
}

export interface User {
	id: string;
	email: string;
	displayName: string;
}

export interface Settings {
	timezone: string;
	status_ttl_minutes: number;
}

export const MOODS = ['available', 'focused', 'busy', 'away', 'off'] as const;
export type Mood = (typeof MOODS)[number];

/** Limits of the API, checked here as well so that mistakes show before anything is sent. */
export const STATUS_MAX_LENGTH = 280;
export const PASSWORD_MIN_LENGTH = 10;
export const TTL_MINUTES = { min: 5, max: 10_080 };

/** Whether the API would refuse this status. Counts code points, as the API does. */
export function statusProblem(input: StatusInput): boolean {
	const length = [...input.body].length;
	return length === 0 || length > STATUS_MAX_LENGTH;
}

export interface Status {
	id: string;
	userId: string;
	author: string;
	body: string;
	mood: string;
	createdAt: string;
	updatedAt: string;
	expiresAt: string | null;
}

export interface StatusInput {
	body: string;
	mood: string;
}

export interface Page {
	statuses: Status[];
	/** Pass it as `before` to get the next, older page; null on the last page. */
	nextBefore: string | null;
}

/** The server answered, but not with success. */
export class ApiError extends Error {
	override name = 'ApiError';
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
		readonly requestId: string | null = null
	) {
		super(message);
	}
}

/** No answer: offline, DNS, TLS, CORS, a connection that broke, or a timeout. */
export class NetworkError extends Error {
	override name = 'NetworkError';
}

export interface ApiOptions {
	baseUrl: string;
	/** The current token, sent as an Authorization header and never in a URL. */
	getToken?: () => string | null;
	/** Called when the server rejects the token that `getToken` returned. */
	onUnauthorized?: () => void;
	fetch?: typeof fetch;
	timeoutMs?: number;
	/** Waiting times before the retries of a request that can be repeated safely. */
	retryDelaysMs?: number[];
}

interface RequestOptions {
	body?: unknown;
	idempotencyKey?: string;
	auth?: boolean;
	retry?: boolean;
}

/** Answers of a proxy whose backend is being replaced. */
const RETRIABLE = new Set([502, 503, 504]);

export class ApiClient {
	#baseUrl: string;
	#getToken: () => string | null;
	#onUnauthorized: () => void;
	#fetch: typeof fetch;
	#timeoutMs: number;
	#retryDelaysMs: number[];

	constructor(options: ApiOptions) {
		this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
		this.#getToken = options.getToken ?? (() => null);
		this.#onUnauthorized = options.onUnauthorized ?? (() => {});
		this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
		this.#timeoutMs = options.timeoutMs ?? 15_000;
		this.#retryDelaysMs = options.retryDelaysMs ?? [300, 1200];
	}

	async register(email: string, password: string, displayName: string): Promise<Token | null> {
		const body = { email, password, display_name: displayName };
		const answer = await this.#request('POST', '/auth/register', { body, auth: false });
		return isRecord(answer) && typeof answer.token === 'string' ? toToken(answer) : null;
	}

	async login(email: string, password: string): Promise<Token> {
		const body = { email, password };
		return toToken(await this.#request('POST', '/auth/login', { body, auth: false }));
	}

	async refresh(): Promise<Token> {
		return toToken(await this.#request('POST', '/auth/refresh'));
	}

	async me(): Promise<User> {
		return toUser(await this.#request('GET', '/api/me'));
	}

	async settings(): Promise<Settings> {
		return toSettings(await this.#request('GET', '/api/settings'));
	}

	async saveSettings(settings: Settings): Promise<Settings> {
		return toSettings(await this.#request('PUT', '/api/settings', { body: settings, retry: true }));
	}

	async statuses(limit = 30, before?: string): Promise<Page> {
		const query = new URLSearchParams({ limit: String(limit) });
		if (before) query.set('before', before);
		return toPage(await this.#request('GET', `/api/statuses?${query}`), limit);
	}

	/**
	 * @param idempotencyKey keep it for as long as the same status is being sent: the server
	 * answers a repetition with the status it already stored instead of storing a second one
	 */
	async createStatus(input: StatusInput, idempotencyKey: string): Promise<Status> {
		return toStatus(
			await this.#request('POST', '/api/statuses', { body: input, idempotencyKey, retry: true })
		);
	}

	async status(id: string): Promise<Status> {
		return toStatus(await this.#request('GET', `/api/statuses/${encodeURIComponent(id)}`));
	}

	async updateStatus(id: string, input: StatusInput): Promise<Status> {
		const path = `/api/statuses/${encodeURIComponent(id)}`;
		return toStatus(await this.#request('PUT', path, { body: input, retry: true }));
	}

	async deleteStatus(id: string): Promise<void> {
		try {
			await this.#request('DELETE', `/api/statuses/${encodeURIComponent(id)}`, { retry: true });
		} catch (error) {
			// Already gone: deleted elsewhere, or by an attempt whose answer was lost.
			if (!(error instanceof ApiError && error.status === 404)) throw error;
		}
	}

	async #request(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
		const repeatable = options.retry ?? method === 'GET';
		for (let attempt = 0; ; attempt++) {
			const delay = repeatable ? this.#retryDelaysMs[attempt] : undefined;
			try {
				return await this.#attempt(method, path, options);
			} catch (error) {
				const temporary =
					error instanceof NetworkError ||
					(error instanceof ApiError && RETRIABLE.has(error.status));
				if (delay === undefined || !temporary) throw error;
				await new Promise((resolve) => setTimeout(resolve, delay));
			}
		}
	}

	async #attempt(method: string, path: string, options: RequestOptions): Promise<unknown> {
		const headers: Record<string, string> = { Accept: 'application/json' };
		if (options.body !== undefined) headers['Content-Type'] = 'application/json';
		if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
		const token = options.auth === false ? null : this.#getToken();
		if (token) headers['Authorization'] = `Bearer ${token}`;

		let response: Response;
		let text: string;
		try {
			response = await this.#fetch(this.#baseUrl + path, {
				method,
				headers,
				body: options.body === undefined ? undefined : JSON.stringify(options.body),
				credentials: 'omit',
				cache: 'no-store',
				redirect: 'error',
				referrerPolicy: 'no-referrer',
				signal: AbortSignal.timeout(this.#timeoutMs)
			});
			text = await response.text();
		} catch (error) {
			throw new NetworkError('no answer from the server', { cause: error });
		}

		if (!response.ok) {
			// Compare with the current token: an answer to an old token says nothing about a new one.
			if (response.status === 401 && token && this.#getToken() === token) this.#onUnauthorized();
			throw toApiError(response, text);
		}
		if (text === '') return null;
		try {
			return JSON.parse(text);
		} catch {
			// Typically an HTML page: the base URL points at something that is not the API.
			throw new ApiError(response.status, 'invalid_response', 'the answer is not JSON');
		}
	}
}

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string): ApiError {
	return new ApiError(200, 'invalid_response', `unexpected answer: ${what}`);
}

function toApiError(response: Response, text: string): ApiError {
	const requestId = response.headers.get('x-request-id');
	let code = `http_${response.status}`;
	let message = response.statusText || code;
	try {
		const parsed: unknown = JSON.parse(text);
		const error = isRecord(parsed) && isRecord(parsed.error) ? parsed.error : parsed;
		if (isRecord(error)) {
			if (typeof error.error === 'string') code = error.error;
			if (typeof error.code === 'string') code = error.code;
			if (typeof error.message === 'string') message = error.message;
		}
	} catch {
		// Not JSON (a proxy's error page): the status says enough.
	}
	return new ApiError(response.status, code, message, requestId);
}

function toToken(value: unknown): Token {
	if (!isRecord(value) || typeof value.token !== 'string') throw invalid('token');
	const expiresIn = Number(value.expires_in);
	if (!Number.isFinite(expiresIn) || expiresIn <= 0) throw invalid('expires_in');
	return { token: value.token, expiresIn };
}

function toUser(value: unknown): User {
	if (!isRecord(value) || value.id === undefined) throw invalid('user');
	return {
		id: String(value.id),
		email: String(value.email ?? ''),
		displayName: String(value.display_name ?? '')
	};
}

function toSettings(value: unknown): Settings {
	if (!isRecord(value) || typeof value.timezone !== 'string') throw invalid('settings');
	return { timezone: value.timezone, status_ttl_minutes: Number(value.status_ttl_minutes) };
}

/** Also used for the statuses the live feed pushes. */
export function toStatus(value: unknown): Status {
	if (!isRecord(value) || value.id === undefined) throw invalid('status');
	const author = isRecord(value.author) ? value.author : value;
	const createdAt = String(value.created_at ?? '');
	return {
		id: String(value.id),
		userId: String(value.user_id ?? author.id ?? ''),
		author: String(author.display_name ?? ''),
		body: String(value.body ?? ''),
		mood: String(value.mood ?? ''),
		createdAt,
		updatedAt: String(value.updated_at ?? createdAt),
		expiresAt: typeof value.expires_at === 'string' ? value.expires_at : null
	};
}

function toPage(value: unknown, limit: number): Page {
	const list = isRecord(value) ? (value.statuses ?? value.items) : value;
	if (!Array.isArray(list)) throw invalid('list of statuses');
	const statuses = list.map(toStatus);
	const next = isRecord(value) ? (value.next_before ?? null) : undefined;
	const last = statuses.length >= limit ? (statuses.at(-1)?.id ?? null) : null;
	return { statuses, nextBefore: next === undefined ? last : next === null ? null : String(next) };
}
