import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient, ApiError, NetworkError, statusProblem } from '../src/lib/api';
import { uuid } from '../src/lib/uuid';
import { json, TestServer } from './helpers';

const STATUS = {
	id: 's1',
	user_id: 'u1',
	display_name: 'Aki',
	body: 'Reviewing',
	mood: 'focused',
	created_at: '2025-01-01T10:00:00Z',
	updated_at: '2025-01-01T10:00:00Z'
};

describe('ApiClient', () => {
	let server: TestServer;
	let token: string | null;
	const onUnauthorized = vi.fn();
	const client = (extra = {}) =>
		new ApiClient({
			baseUrl: `${server.url}/`,
			getToken: () => token,
			onUnauthorized,
			retryDelaysMs: [5, 10],
			...extra
		});

	beforeEach(async () => {
		token = 'secret-token';
		onUnauthorized.mockReset();
		server = await TestServer.start();
	});
	afterEach(() => server.stop());

	it('logs in without sending an old token', async () => {
		server.handler = (_, response) =>
			json(response, 200, { token: 't', token_type: 'Bearer', expires_in: 900 });
		expect(await client().login('a@example.com', 'pw')).toEqual({ token: 't', expiresIn: 900 });
		expect(server.requests[0]).toMatchObject({
			method: 'POST',
			url: '/auth/login',
			body: { email: 'a@example.com', password: 'pw' }
		});
		expect(server.requests[0]?.headers.authorization).toBeUndefined();
	});

	it('sends the token in a header and never in the URL', async () => {
		server.handler = (_, response) => json(response, 200, { statuses: [STATUS] });
		const page = await client().statuses(1, 'cursor&1');
		expect(page.statuses[0]).toMatchObject({ id: 's1', userId: 'u1', author: 'Aki' });
		expect(server.requests[0]?.headers.authorization).toBe('Bearer secret-token');
		expect(server.requests[0]?.url).toBe('/api/statuses?limit=1&before=cursor%261');
		expect(server.requests[0]?.url).not.toContain('secret-token');
	});

	it('repeats a creation with the same idempotency key', async () => {
		server.handler = (_, response) => {
			if (server.requests.length === 1) json(response, 503, {});
			else if (server.requests.length === 2) response.destroy();
			else json(response, 201, STATUS);
		};
		const key = uuid();
		const status = await client().createStatus({ body: 'Reviewing', mood: 'focused' }, key);
		expect(status.id).toBe('s1');
		expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
			key,
			key,
			key
		]);
	});

	it('does not repeat a login', async () => {
		server.handler = (_, response) => json(response, 503, {});
		await expect(client().login('a@example.com', 'pw')).rejects.toMatchObject({ status: 503 });
		expect(server.requests).toHaveLength(1);
	});

	it('does not repeat what the server refused', async () => {
		server.handler = (_, response) => {
			response.setHeader('x-request-id', 'r-1');
			json(response, 422, { error: { code: 'invalid', message: 'body is too long' } });
		};
		const error = await client()
			.createStatus({ body: 'x', mood: 'busy' }, uuid())
			.catch((cause: unknown) => cause);
		expect(error).toBeInstanceOf(ApiError);
		expect(error).toMatchObject({
			status: 422,
			code: 'invalid',
			message: 'body is too long',
			requestId: 'r-1'
		});
		expect(server.requests).toHaveLength(1);
	});

	it('reports a refused token', async () => {
		server.handler = (_, response) => json(response, 401, {});
		await expect(client().me()).rejects.toMatchObject({ status: 401 });
		expect(onUnauthorized).toHaveBeenCalledOnce();
	});

	it('does not report it for a token that was replaced meanwhile', async () => {
		server.handler = (_, response) => {
			token = 'newer';
			json(response, 401, {});
		};
		await expect(client().me()).rejects.toMatchObject({ status: 401 });
		expect(onUnauthorized).not.toHaveBeenCalled();
	});

	it('does not take wrong credentials for a refused token', async () => {
		server.handler = (_, response) => json(response, 401, {});
		await expect(client().login('a@example.com', 'pw')).rejects.toBeInstanceOf(ApiError);
		expect(onUnauthorized).not.toHaveBeenCalled();
	});

	it('treats a status that is already gone as deleted', async () => {
		server.handler = (_, response) => json(response, 404, {});
		await expect(client().deleteStatus('a/b')).resolves.toBeUndefined();
		expect(server.requests[0]?.url).toBe('/api/statuses/a%2Fb');
	});

	it('accepts an empty answer', async () => {
		server.handler = (_, response) => void response.writeHead(204).end();
		await expect(client().deleteStatus('s1')).resolves.toBeUndefined();
	});

	it('recognises an answer that does not come from the API', async () => {
		server.handler = (_, response) => void response.end('<!doctype html>');
		await expect(client().me()).rejects.toMatchObject({ code: 'invalid_response' });
	});

	it('reports timeouts and closed ports as network errors', async () => {
		server.handler = () => {};
		const options = { timeoutMs: 30, retryDelaysMs: [] };
		await expect(client(options).me()).rejects.toBeInstanceOf(NetworkError);
		const baseUrl = 'http://127.0.0.1:1';
		await expect(client({ ...options, baseUrl }).me()).rejects.toBeInstanceOf(NetworkError);
	});
});

describe('statusProblem', () => {
	it('counts characters, not UTF-16 units', () => {
		expect(statusProblem({ body: '😀'.repeat(280), mood: 'busy' })).toBe(false);
		expect(statusProblem({ body: '😀'.repeat(281), mood: 'busy' })).toBe(true);
		expect(statusProblem({ body: '', mood: 'busy' })).toBe(true);
	});
});

describe('uuid', () => {
	it('makes version 4 UUIDs without crypto.randomUUID as well', () => {
		const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
		expect(uuid()).toMatch(pattern);
		const { getRandomValues } = crypto;
		vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(crypto) });
		expect(uuid()).toMatch(pattern);
		vi.unstubAllGlobals();
	});
});
