import type { ErrorEvent } from '@sentry/sveltekit';
import { describe, expect, it } from 'vitest';
import { scrub, trackingOptions } from '../src/lib/tracking';

const DSN = 'https://key@sentry.example/1';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.dozjgNryP4J3jVmNHl0w5N';

describe('trackingOptions', () => {
	it.each([undefined, '', ' '])('sends nothing without a DSN: %j', (dsn) => {
		expect(trackingOptions({ PUBLIC_SENTRY_DSN: dsn }, '1')).toBeNull();
	});

	it('names release and environment, and nothing personal by default', () => {
		const options = trackingOptions({ PUBLIC_SENTRY_DSN: DSN, PUBLIC_APP_ENV: 'staging' }, 'abc');
		expect(options).toMatchObject({
			dsn: DSN,
			release: 'glanceflow@abc',
			environment: 'staging',
			sendDefaultPii: false,
			beforeSend: scrub
		});
	});
});

describe('scrub', () => {
	it('takes out persons, credentials and addresses', () => {
		const event: ErrorEvent = {
			type: undefined,
			message: `ada@example.org sent ${TOKEN}`,
			user: { id: '1', email: 'ada@example.org' },
			request: {
				url: 'https://app.example/login/?email=ada#secret',
				headers: { authorization: 'Bearer secret' }
			},
			breadcrumbs: [{ message: 'ada' }],
			exception: { values: [{ type: 'Error', value: 'no account ada@example.org' }] },
			extra: { refreshToken: 'secret', status: 503 }
		};
		const sent = scrub(event);
		expect(JSON.stringify(sent)).not.toMatch(/ada|secret|eyJ/);
		expect(sent.message).toBe('[scrubbed] sent [scrubbed]');
		expect(sent.request).toEqual({ url: 'https://app.example/login/' });
		expect(sent.extra).toEqual({ refreshToken: '[scrubbed]', status: 503 });
	});

	it('keeps where it happened', () => {
		const filename = 'https://app.example/_app/immutable/chunks/BZ3x.js';
		const frame = { filename, function: 'load', lineno: 1, colno: 2 };
		const event: ErrorEvent = {
			type: undefined,
			exception: { values: [{ stacktrace: { frames: [frame] } }] }
		};
		expect(scrub(event).exception?.values?.[0]?.stacktrace?.frames).toEqual([frame]);
	});
});
