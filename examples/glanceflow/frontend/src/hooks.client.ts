import { env } from '$env/dynamic/public';
import { version } from '$app/environment';
import * as Sentry from '@sentry/sveltekit';
import { trackingOptions } from '$lib/tracking';

const options = trackingOptions(env, version);
if (options) Sentry.init(options);

export const handleError = Sentry.handleErrorWithSentry();
