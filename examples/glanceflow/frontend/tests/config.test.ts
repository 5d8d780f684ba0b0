import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, parseConfig } from '../src/lib/config';

const PAGE = 'https://glance.example/settings/';

describe('parseConfig', () => {
	it('derives the WebSocket address from the API address', () => {
		const config = parseConfig(
			{ PUBLIC_API_BASE_URL: 'https://api.example/', PUBLIC_APP_ENV: 'staging' },
			PAGE
		);
		expect(config).toEqual({
			apiBaseUrl: 'https://api.example',
			feedUrl: 'wss://api.example/ws',
			appEnv: 'staging'
		});
	});

	it('keeps ports and paths, and uses ws: for http:', () => {
		const config = parseConfig({ PUBLIC_API_BASE_URL: ' http://127.0.0.1:8080/glance/ ' }, PAGE);
		expect(config.apiBaseUrl).toBe('http://127.0.0.1:8080/glance');
		expect(config.feedUrl).toBe('ws://127.0.0.1:8080/glance/ws');
		expect(config.appEnv).toBe('production');
	});

	it('takes a path as an API on the origin of the page', () => {
		expect(parseConfig({ PUBLIC_API_BASE_URL: '/' }, PAGE).apiBaseUrl).toBe(
			'https://glance.example'
		);
		expect(parseConfig({ PUBLIC_API_BASE_URL: '/v1' }, PAGE).feedUrl).toBe(
			'wss://glance.example/v1/ws'
		);
	});

	it.each([
		undefined,
		'',
		'  ',
		'api.example',
		'//api.example',
		'ftp://api.example',
		'javascript:alert(1)',
		'https://',
		'https://user:secret@api.example',
		'https://api.example/?token=1',
		'https://api.example/#x'
	])('rejects %j', (value) => {
		expect(() => parseConfig({ PUBLIC_API_BASE_URL: value }, PAGE)).toThrow(ConfigError);
	});
});

describe('readConfig', () => {
	beforeEach(() => vi.resetModules());
	afterEach(() => {
		vi.unstubAllGlobals();
		vi.doUnmock('$app/environment');
		vi.doUnmock('$env/dynamic/public');
	});

	it('reads the dynamic public environment in the browser', async () => {
		vi.doMock('$app/environment', () => ({ browser: true }));
		vi.doMock('$env/dynamic/public', () => ({
			env: { PUBLIC_API_BASE_URL: 'https://api.example', PUBLIC_APP_ENV: 'qa' }
		}));
		vi.stubGlobal('location', { href: PAGE });
		const { readConfig } = await import('../src/lib/env');
		expect(readConfig()).toMatchObject({ apiBaseUrl: 'https://api.example', appEnv: 'qa' });
	});

	it('refuses to read it while prerendering', async () => {
		const touched = vi.fn();
		vi.doMock('$app/environment', () => ({ browser: false }));
		vi.doMock('$env/dynamic/public', () => ({ env: new Proxy({}, { get: touched }) }));
		const { readConfig } = await import('../src/lib/env');
		expect(() => readConfig()).toThrow(/only available in the browser/);
		expect(touched).not.toHaveBeenCalled();
	});
});
