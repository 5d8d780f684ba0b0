import { getContext, setContext } from 'svelte';
import type { Config } from './config';
import { readConfig } from './env';
import { Session } from './session.svelte';

/** What the pages share. Exists in the browser only, never while prerendering. */
export interface App {
	config: Config;
	session: Session;
}

const KEY = Symbol('app');

export function createApp(): App {
	const config = readConfig();
	const session = new Session({ baseUrl: config.apiBaseUrl, storage: sessionStorage });
	return { config, session };
}

export function provideApp(app: App | null): void {
	setContext(KEY, app);
}

/** For components below the layout, which renders them only when there is an application. */
export function useApp(): App {
	const app = getContext<App | null>(KEY);
	if (!app) throw new Error('the application has not started');
	return app;
}
