import type { BrowserOptions, ErrorEvent } from '@sentry/sveltekit';
import type { RawEnv } from './config';

/** Values under such names are never sent: `observability.error_tracking.scrub` of golive.yaml. */
const SCRUBBED_NAMES = ['authorization', 'cookie', 'set-cookie', 'password', 'token', 'email'];
const SCRUBBED = '[scrubbed]';

/** Parts of an event that hold values. Sentry's own bookkeeping in it has cycles and stays here. */
const SCRUBBED_PARTS = [
	'message',
	'exception',
	'extra',
	'contexts',
	'tags',
	'transaction'
] as const satisfies (keyof ErrorEvent)[];

/**
 * What the error tracker is started with, null without `PUBLIC_SENTRY_DSN`.
 *
 * The release is the one that was built, so that an error of a tab that is still open is filed
 * under what that tab runs.
 */
export function trackingOptions(raw: RawEnv, version: string): BrowserOptions | null {
	const dsn = (raw.PUBLIC_SENTRY_DSN ?? '').trim();
	if (!dsn) return null;
	return {
		dsn,
		release: `glanceflow@${version}`,
		environment: raw.PUBLIC_APP_ENV?.trim() || 'production',
		sendDefaultPii: false,
		tracesSampleRate: 0,
		// Breadcrumbs hold addresses of requests and texts of the page.
		maxBreadcrumbs: 0,
		beforeSend: scrub
	};
}

/** Takes out who it was, and what looks like a credential or an e-mail address. */
export function scrub(event: ErrorEvent): ErrorEvent {
	delete event.user;
	delete event.server_name;
	delete event.breadcrumbs;
	// Only the page: its query could hold anything.
	if (event.request) event.request = { url: withoutQuery(event.request.url) };
	for (const part of SCRUBBED_PARTS) {
		if (event[part] !== undefined) Object.assign(event, { [part]: scrubValue(event[part]) });
	}
	return event;
}

function withoutQuery(url: string | undefined): string | undefined {
	return url?.replace(/[?#].*$/, '');
}

function scrubValue(value: unknown): unknown {
	if (typeof value === 'string') return scrubText(value);
	if (Array.isArray(value)) return value.map(scrubValue);
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [
			name,
			isScrubbed(name) ? SCRUBBED : scrubValue(inner)
		])
	);
}

function isScrubbed(name: string): boolean {
	const lower = name.toLowerCase();
	return SCRUBBED_NAMES.some((scrubbed) => lower.includes(scrubbed));
}

/** Words with an `@` between letters may be addresses, three long parts with dots a token. */
function scrubText(text: string): string {
	return text
		.replace(/[^\s@/]+@[^\s@/]+\.[^\s@/]+/g, SCRUBBED)
		.replace(/[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/g, SCRUBBED);
}
