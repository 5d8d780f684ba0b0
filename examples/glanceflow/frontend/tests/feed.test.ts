import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as WsClient, WebSocketServer, type WebSocket as WsPeer } from 'ws';
import { Feed, type FeedOptions, type FeedState } from '../src/lib/feed';
import { sleep, until } from './helpers';

/** What the tests see of one connection on the side of the server. */
interface Connection {
	peer: WsPeer;
	url: string;
	at: number;
	messages: string[];
}

async function listen(port = 0): Promise<WebSocketServer> {
	const server = new WebSocketServer({ host: '127.0.0.1', port, path: '/ws' });
	await new Promise((resolve) => server.once('listening', resolve));
	return server;
}

describe('Feed', () => {
	let server: WebSocketServer;
	let port: number;
	let feed: Feed;
	let connections: Connection[];
	let states: FeedState[];
	let behaviour: (connection: Connection) => void;
	const onReady = vi.fn();
	const onEvent = vi.fn();
	const onUnauthorized = vi.fn();

	function serve(target: WebSocketServer): void {
		target.on('connection', (peer, request) => {
			const connection: Connection = {
				peer,
				url: request.url ?? '',
				at: Date.now(),
				messages: []
			};
			connections.push(connection);
			peer.on('message', (data) => {
				connection.messages.push(String(data));
				const message = JSON.parse(String(data));
				if (message.type === 'auth' && message.token === 'good') {
					peer.send(JSON.stringify({ type: 'ready' }));
				} else {
					peer.close(1008, 'unauthorized');
				}
			});
			behaviour(connection);
		});
	}

	async function close(target: WebSocketServer, code?: number): Promise<void> {
		for (const peer of target.clients) {
			if (code) peer.close(code);
			else peer.terminate();
		}
		await new Promise((resolve) => target.close(resolve));
	}

	function make(extra: Partial<FeedOptions> = {}): Feed {
		feed = new Feed({
			url: `ws://127.0.0.1:${port}/ws`,
			getToken: () => 'good',
			onReady,
			onEvent,
			onUnauthorized,
			onState: (state) => states.push(state),
			WebSocket: WsClient as unknown as typeof WebSocket,
			restartJitterMs: 20,
			minDelayMs: 20,
			maxDelayMs: 80,
			...extra
		});
		return feed;
	}

	beforeEach(async () => {
		vi.resetAllMocks();
		connections = [];
		states = [];
		behaviour = () => {};
		server = await listen();
		port = (server.address() as AddressInfo).port;
		serve(server);
	});

	afterEach(async () => {
		feed?.stop();
		await close(server);
	});

	it('authenticates with its first message, not with the URL', async () => {
		make().start();
		await until(() => feed.state === 'live');
		expect(connections[0]?.messages).toEqual(['{"type":"auth","token":"good"}']);
		expect(connections[0]?.url).toBe('/ws');
		expect(states).toEqual(['connecting', 'live']);
		expect(onReady).toHaveBeenCalledOnce();
	});

	it('passes statuses on and ignores what it does not understand', async () => {
		make().start();
		await until(() => feed.state === 'live');
		const peer = connections[0]!.peer;
		peer.send('not json');
		peer.send('null');
		peer.send('{"type":"weather"}');
		peer.send('{"type":"status","op":"exploded","status":{"id":"s1"}}');
		peer.send('{"type":"status","op":"created","status":{"id":"s1"}}');
		await until(() => onEvent.mock.calls.length > 0);
		expect(onEvent.mock.calls).toEqual([[{ op: 'created', status: { id: 's1' } }]]);
	});

	it('reconnects at once after a restart, and reports being ready again', async () => {
		// A back-off this long shows that the delay after 1012 is another one.
		make({ minDelayMs: 60_000, maxDelayMs: 60_000 }).start();
		await until(() => feed.state === 'live');
		connections[0]!.peer.close(1012, 'restart');
		await until(() => onReady.mock.calls.length === 2);
		expect(connections).toHaveLength(2);
		expect(states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live']);
	});

	it('survives a restart during which nothing listens', async () => {
		make().start();
		await until(() => feed.state === 'live');
		await close(server, 1012);
		await until(() => states.filter((state) => state === 'waiting').length >= 3);
		server = await listen(port);
		serve(server);
		await until(() => onReady.mock.calls.length === 2);
		expect(feed.state).toBe('live');
	});

	it('backs off exponentially up to a limit', async () => {
		behaviour = ({ peer }) => peer.close(1011);
		make({ random: () => 1 }).start();
		await until(() => connections.length >= 5);
		feed.stop();
		const gaps = connections.slice(1, 5).map(({ at }, i) => at - connections[i]!.at);
		// Timers may fire a millisecond early; how late depends on the machine.
		[20, 40, 80, 80].forEach((minimum, i) => expect(gaps[i]).toBeGreaterThanOrEqual(minimum - 2));
		expect(onReady).not.toHaveBeenCalled();
	});

	it('backs off as well when the server keeps announcing restarts', async () => {
		behaviour = ({ peer }) => peer.close(1012);
		make({ random: () => 1 }).start();
		await until(() => connections.length >= 4);
		feed.stop();
		expect(connections[3]!.at - connections[2]!.at).toBeGreaterThanOrEqual(78);
	});

	it('stops when the token is refused', async () => {
		make({ getToken: () => 'bad' }).start();
		await until(() => onUnauthorized.mock.calls.length > 0);
		await sleep(100);
		expect(feed.state).toBe('stopped');
		expect(connections).toHaveLength(1);
		expect(onUnauthorized).toHaveBeenCalledOnce();
	});

	it('uses the newest token for every connection', async () => {
		let token = 'good';
		make({ getToken: () => token }).start();
		await until(() => feed.state === 'live');
		token = 'refreshed';
		connections[0]!.peer.close(1012);
		await until(() => connections[1]?.messages.length === 1);
		expect(connections[1]?.messages[0]).toContain('refreshed');
	});

	it('gives up on a server that accepts but never answers', async () => {
		behaviour = ({ peer }) => {
			if (connections.length === 1) peer.removeAllListeners('message');
		};
		make({ handshakeTimeoutMs: 50 }).start();
		await until(() => feed.state === 'live');
		expect(connections).toHaveLength(2);
	});

	it('closes the connection and stays away when stopped', async () => {
		make().start();
		await until(() => feed.state === 'live');
		feed.stop();
		await until(() => server.clients.size === 0);
		await sleep(100);
		expect(connections).toHaveLength(1);
		expect(states.at(-1)).toBe('stopped');
	});

	it('does not wait any longer once it is woken', async () => {
		make({ minDelayMs: 60_000, maxDelayMs: 60_000, isOnline: () => false }).start();
		await until(() => feed.state === 'live');
		connections[0]!.peer.terminate();
		await until(() => feed.state === 'offline');
		feed.wake();
		await until(() => feed.state === 'live');
		feed.wake();
		expect(connections).toHaveLength(2);
	});
});
