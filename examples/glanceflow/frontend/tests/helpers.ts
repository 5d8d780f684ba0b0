import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
	method: string;
	url: string;
	headers: IncomingMessage['headers'];
	body: unknown;
}

export type Handler = (request: Received, response: ServerResponse) => void;

/** A real HTTP server on a free loopback port that records what it was asked. */
export class TestServer {
	requests: Received[] = [];
	handler: Handler = (_, response) => json(response, 404, {});
	#server: Server;

	private constructor() {
		this.#server = createServer(async (request, response) => {
			let text = '';
			for await (const chunk of request) text += chunk;
			const received = {
				method: request.method ?? '',
				url: request.url ?? '',
				headers: request.headers,
				body: text ? JSON.parse(text) : undefined
			};
			this.requests.push(received);
			this.handler(received, response);
		});
	}

	static async start(): Promise<TestServer> {
		const server = new TestServer();
		await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
		return server;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

export function json(response: ServerResponse, status: number, value: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(JSON.stringify(value));
}

export async function until(condition: () => boolean, timeoutMs = 3000): Promise<void> {
	const end = Date.now() + timeoutMs;
	while (!condition()) {
		if (Date.now() > end) throw new Error('the condition did not come true in time');
		await sleep(5);
	}
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
