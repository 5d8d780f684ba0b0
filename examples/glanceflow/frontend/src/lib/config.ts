/** The public configuration of one environment, taken from `/_app/env.js`. */
export interface Config {
	/** Absolute URL without a trailing slash, for example `https://api.example.com`. */
	apiBaseUrl: string;
	/** Absolute WebSocket URL, derived from `apiBaseUrl`. Never carries a token. */
	feedUrl: string;
	/** Name of the environment; everything but `production` is shown in the page header. */
	appEnv: string;
}

export type RawEnv = Record<string, string | undefined>;

export class ConfigError extends Error {
	override name = 'ConfigError';
}

/**
 * Checks the raw values. A missing or malformed value is an error instead of a silent default:
 * a site that was published without its configuration should say so.
 *
 * @param pageUrl URL of the page, which resolves `/` or `/some/path` to the page's own origin
 */
export function parseConfig(raw: RawEnv, pageUrl: string): Config {
	const value = raw.PUBLIC_API_BASE_URL?.trim();
	if (!value) throw new ConfigError('PUBLIC_API_BASE_URL is not set');

	if (!/^(https?:\/\/|\/)/i.test(value) || value.startsWith('//')) {
		throw new ConfigError('PUBLIC_API_BASE_URL must start with https://, http:// or /');
	}

	let url: URL;
	try {
		url = new URL(value, pageUrl);
	} catch {
		throw new ConfigError('PUBLIC_API_BASE_URL is not a valid URL');
	}
	if (url.username || url.password) {
		throw new ConfigError('PUBLIC_API_BASE_URL must not contain credentials');
	}
	if (url.search || url.hash) {
		throw new ConfigError('PUBLIC_API_BASE_URL must not contain a query or a fragment');
	}

	const path = url.pathname.replace(/\/+$/, '');
	const wsProtocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	return {
		apiBaseUrl: `${url.origin}${path}`,
		feedUrl: `${wsProtocol}//${url.host}${path}/ws`,
		appEnv: raw.PUBLIC_APP_ENV?.trim() || 'production'
	};
}
