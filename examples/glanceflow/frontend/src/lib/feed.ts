/**
 * The live feed: one WebSocket that is kept open for as long as the user is logged in.
 *
 * - The token is the first message, never a part of the URL (URLs end up in access logs).
 * - The server announces a restart with close code 1012. The first attempt after it is made
 *   almost at once, spread over `restartJitterMs` so that the clients do not all arrive in the
 *   same instant. Every further attempt backs off exponentially, with full jitter.
 * - Messages sent while there was no connection are lost. `onReady` is therefore called after every
 *   successful handshake, and the application reloads its data there. As the feed is already
 *   subscribed at that point, nothing can fall between the reload and the first message.
 */

export type FeedState = 'connecting' | 'live' | 'waiting' | 'offline' | 'stopped';

export type FeedOp = 'created' | 'updated' | 'deleted';

export interface FeedEvent {
	op: FeedOp;
	/** As sent by the server; for `deleted` it may hold nothing but the id. */
	status: unknown;
}

export interface FeedOptions {
	url: string;
	getToken: () => string | null;
	onEvent: (event: FeedEvent) => void;
	onReady: () => void;
	onState?: (state: FeedState) => void;
	/** The server does not accept the token. The feed has stopped when this is called. */
	onUnauthorized?: () => void;
	/** Whether the machine has a network at all; used to show `offline` instead of `waiting`. */
	isOnline?: () => boolean;
	WebSocket?: typeof WebSocket;
	random?: () => number;
	restartJitterMs?: number;
	minDelayMs?: number;
	maxDelayMs?: number;
	/** Time from opening the connection to `ready`. */
	handshakeTimeoutMs?: number;
}

export const CLOSE_RESTART = 1012;
/** Policy violation, and the private code in the HTTP manner: the token was refused. */
export const CLOSE_UNAUTHORIZED = [1008, 4401];

export class Feed {
	#options: Required<FeedOptions>;
	#socket: WebSocket | null = null;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#handshake: ReturnType<typeof setTimeout> | undefined;
	#attempts = 0;
	#state: FeedState = 'stopped';

	constructor(options: FeedOptions) {
		this.#options = {
			onState: () => {},
			onUnauthorized: () => {},
			isOnline: () => true,
			WebSocket: globalThis.WebSocket,
			random: Math.random,
			restartJitterMs: 1_000,
			minDelayMs: 1_000,
			maxDelayMs: 30_000,
			handshakeTimeoutMs: 10_000,
			...options
		};
	}

	get state(): FeedState {
		return this.#state;
	}

	start(): void {
		if (this.#state !== 'stopped') return;
		this.#attempts = 0;
		this.#connect();
	}

	stop(): void {
		this.#drop();
		this.#setState('stopped');
	}

	/** Tries again at once instead of waiting, for example when the network is back. */
	wake(): void {
		if (this.#state === 'waiting' || this.#state === 'offline') this.#connect();
	}

	#setState(state: FeedState): void {
		if (this.#state === state) return;
		this.#state = state;
		this.#options.onState(state);
	}

	/** Forgets the current socket, whose late events are ignored from now on. */
	#drop(): void {
		clearTimeout(this.#timer);
		clearTimeout(this.#handshake);
		const socket = this.#socket;
		this.#socket = null;
		socket?.close();
	}

	#connect(): void {
		this.#drop();
		this.#setState('connecting');

		let socket: WebSocket;
		try {
			socket = new this.#options.WebSocket(this.#options.url);
		} catch {
			this.#retry(0);
			return;
		}
		this.#socket = socket;

		this.#handshake = setTimeout(() => {
			if (socket !== this.#socket) return;
			this.#drop();
			this.#retry(0);
		}, this.#options.handshakeTimeoutMs);

		socket.onopen = () => {
			if (socket !== this.#socket) return;
			const token = this.#options.getToken();
			if (!token) return this.#unauthorized();
			socket.send(JSON.stringify({ type: 'auth', token }));
		};
		socket.onmessage = (event) => {
			if (socket === this.#socket) this.#message(event.data);
		};
		socket.onclose = (event) => {
			if (socket !== this.#socket) return;
			this.#drop();
			if (CLOSE_UNAUTHORIZED.includes(event.code)) this.#unauthorized();
			else this.#retry(event.code);
		};
		// `close` follows every `error`; without a listener Node would treat it as unhandled.
		socket.onerror = () => {};
	}

	#message(data: unknown): void {
		let message: { type?: unknown; op?: unknown; status?: unknown };
		try {
			message = JSON.parse(String(data));
		} catch {
			return;
		}
		if (message?.type === 'ready') {
			clearTimeout(this.#handshake);
			this.#attempts = 0;
			this.#setState('live');
			this.#options.onReady();
		} else if (message?.type === 'status') {
			const { op, status } = message;
			if (op === 'created' || op === 'updated' || op === 'deleted') {
				this.#options.onEvent({ op, status });
			}
		}
		// Unknown types are ignored, so that the server can add some without breaking old pages.
	}

	#unauthorized(): void {
		this.#drop();
		this.#setState('stopped');
		this.#options.onUnauthorized();
	}

	#retry(code: number): void {
		const delay = this.#delay(code);
		this.#attempts++;
		this.#setState(this.#options.isOnline() ? 'waiting' : 'offline');
		this.#timer = setTimeout(() => this.#connect(), delay);
	}

	#delay(code: number): number {
		const { random, restartJitterMs, minDelayMs, maxDelayMs } = this.#options;
		if (code === CLOSE_RESTART && this.#attempts === 0) return random() * restartJitterMs;
		const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** this.#attempts);
		// Never below a tenth: a jitter of nearly zero would be no back-off at all.
		return ceiling * (0.1 + 0.9 * random());
	}
}
