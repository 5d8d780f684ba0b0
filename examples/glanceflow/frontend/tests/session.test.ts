import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../src/lib/session.svelte';
import { json, sleep, TestServer, until } from './helpers';

class MemoryStorage {
	values = new Map<string, string>();
	getItem = (key: string) => this.values.get(key) ?? null;
	setItem = (key: string, value: string) => void this.values.set(key, value);
	removeItem = (key: string) => void this.values.delete(key);
}

describe('Session', () => {
	let server: TestServer;
	let storage: MemoryStorage;
	let now: number;
	const session = () => new Session({ baseUrl: server.url, storage, now: () => now });

	beforeEach(async () => {
		now = 1_000_000;
		storage = new MemoryStorage();
		server = await TestServer.start();
		server.handler = ({ url, headers }, response) => {
			if (url === '/auth/login') json(response, 200, { token: 'one', expires_in: 900 });
			else if (url === '/auth/refresh' && headers.authorization === 'Bearer one')
				json(response, 200, { token: 'two', expires_in: 900 });
			else json(response, 401, { error: { code: 'unauthorized', message: 'no' } });
		};
	});
	afterEach(() => server.stop());

	it('survives a reload of the page', async () => {
		const first = session();
		await first.login('a@example.com', 'pw');
		expect(first.authenticated).toBe(true);
		expect(session().token).toBe('one');
	});

	it('refreshes when most of the lifetime is over', async () => {
		const current = session();
		await current.login('a@example.com', 'pw');
		now += 700_000;
		await current.check();
		expect(current.token).toBe('one');
		now += 30_000;
		await Promise.all([current.check(), current.check()]);
		expect(current.token).toBe('two');
		expect(server.requests.filter(({ url }) => url === '/auth/refresh')).toHaveLength(1);
	});

	it('refreshes by itself', async () => {
		server.handler = ({ url }, response) =>
			json(response, 200, { token: url, expires_in: url === '/auth/login' ? 0.1 : 900 });
		const current = new Session({ baseUrl: server.url, storage });
		await current.login('a@example.com', 'pw');
		await until(() => current.token === '/auth/refresh');
	});

	it('keeps the token while the server cannot refresh it', async () => {
		const current = session();
		await current.login('a@example.com', 'pw');
		server.handler = (_, response) => json(response, 503, {});
		now += 800_000;
		await current.check();
		expect(current.token).toBe('one');
		current.logout();
	});

	it('ends when the token has expired', async () => {
		const current = session();
		await current.login('a@example.com', 'pw');
		now += 900_000;
		await current.check();
		expect(current.authenticated).toBe(false);
		expect(current.ended).toBe(true);
		expect(storage.values.size).toBe(0);
	});

	it('ends when the server refuses the token', async () => {
		const current = session();
		await current.login('a@example.com', 'pw');
		await expect(current.loadUser()).rejects.toMatchObject({ status: 401 });
		expect(current.authenticated).toBe(false);
		expect(current.ended).toBe(true);
	});

	it('does not log in again when a refresh answers after the logout', async () => {
		const current = session();
		await current.login('a@example.com', 'pw');
		server.handler = async (_, response) => {
			await sleep(30);
			json(response, 200, { token: 'two', expires_in: 900 });
		};
		now += 800_000;
		const check = current.check();
		current.logout();
		await check;
		expect(current.authenticated).toBe(false);
		expect(current.ended).toBe(false);
	});

	it('ignores a damaged store', () => {
		storage.setItem('glanceflow.session', '{"token":1');
		expect(session().authenticated).toBe(false);
		storage.setItem('glanceflow.session', '{"token":"x"}');
		expect(session().authenticated).toBe(false);
	});
});
