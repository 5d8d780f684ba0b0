import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

// The API origin is not known when the site is built: one build is published to several
// environments. The policy in the page therefore allows any TLS origin plus the loopback
// addresses used in development. The web server narrows it to the exact origin with a
// Content-Security-Policy header (policies are intersected, so the stricter one wins).
// A deployment without TLS can name its API here at build time, space separated.
const extraConnect = (process.env.CSP_CONNECT_SRC ?? '').split(/\s+/).filter(Boolean);

const ROUTE_ANNOUNCER = 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=';

/** @type {import('@sveltejs/kit').Config} */
const config = {
	preprocess: vitePreprocess(),
	kit: {
		// Every route is prerendered, including src/routes/404 (-> build/404.html), so no
		// single-page fallback is needed; `strict` fails the build when one is forgotten.
		adapter: adapter({ pages: 'build', assets: 'build', precompress: false, strict: true }),
		prerender: { entries: ['*', '/404'] },
		// Absolute asset paths: 404.html is served below arbitrary URLs.
		paths: { relative: false },
		// Never the build time: two builds of the same tree must be identical.
		version: { name: process.env.RELEASE_VERSION || 'dev' },
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['none'],
				'base-uri': ['none'],
				'form-action': ['self'],
				'script-src': ['self'],
				'style-src': ['self'],
				// The style attribute of SvelteKit's route announcer, the only one there is.
				// `npm run verify:build` notices when an update of SvelteKit changes it.
				'style-src-attr': ['unsafe-hashes', ROUTE_ANNOUNCER],
				'img-src': ['self'],
				'connect-src': [
					'self',
					'https:',
					'wss:',
					'http://127.0.0.1:*',
					'ws://127.0.0.1:*',
					'http://localhost:*',
					'ws://localhost:*',
					...extraConnect
				]
			}
		}
	}
};

export default config;
