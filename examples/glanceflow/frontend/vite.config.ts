import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [sveltekit()],
	build: {
		// Data URLs would need `img-src data:` in the content security policy.
		assetsInlineLimit: 0
	},
	test: {
		environment: 'node',
		include: ['tests/**/*.test.ts']
	}
});
