import { browser } from '$app/environment';
import { env } from '$env/dynamic/public';
import { parseConfig, type Config } from './config';

/**
 * Reads the configuration of the environment the site was published to.
 *
 * The values come from `/_app/env.js`, which is loaded before the application starts and is the
 * only file that differs between environments. They must not be read while prerendering: that
 * would bake the values of the build machine into the HTML.
 */
export function readConfig(): Config {
	if (!browser) throw new Error('the public configuration is only available in the browser');
	return parseConfig(env, location.href);
}
